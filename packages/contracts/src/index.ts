export { causeText } from './cause-text.ts';
export { CLOCK_FIELDS, CONTROL_FIELDS, type ControlField, FORBIDDEN_KEYS, RESERVED_INPUT_FIELDS } from './control-fields.ts';
export { ERRORS, type ErrorCode } from './errors.ts';
export {
  BRANCH_PATH_MAX_BYTES,
  type BranchPath,
  type DefinitionId,
  definitionId,
  type ExecutionId,
  executionId,
  ID_PATTERN,
  isId,
  type LoopPath,
  type NodeId,
  nodeId,
  type OwnerId,
  ownerId,
  type SegmentId,
  segmentId,
  type WorkflowId,
  workflowId,
} from './ids.ts';
export { isJsonObject, type Json, type JsonObject } from './json.ts';
export {
  API_LIMITS,
  AWS_LIMITS,
  BUDGET,
  EVENTS_PER_BRANCH,
  EVENTS_PER_RETRY,
  EVENTS_PER_SEGMENT,
  HYDRATOR_LIMITS,
  LEGACY_LIMITS,
  SAMPLES,
  THRESHOLDS,
  WORKFLOW_LIMITS,
} from './limits.ts';
export {
  type Confinement,
  confine,
  contentUri,
  type DefinitionLocation,
  type Encoding,
  isUploadName,
  ledgerUri,
  manifestUri,
  type ObjectKind,
  parseS3Uri,
  type RunLocation,
  runPrefix,
  type S3Uri,
  segmentUri,
  uploadUri,
  workflowUri,
} from './object-keys.ts';
export {
  type Escaped,
  escapeReserved,
  isBranchPointer,
  isDeleteMarker,
  isEscaped,
  isFieldPointer,
  isHistoryArchive,
  isStatePointer,
  looksReserved,
  type ReadFieldPointer,
  type ReadHistoryArchive,
  type ReadStatePointer,
  unescapeReserved,
} from './pointers.ts';
export { AWS_SOURCES, MODEL_SOURCES, PRICES, type PriceSource } from './prices.ts';
export { ROUTES, type Route, type RoutedAction } from './routing.ts';
export type { Answer, ChunkResult, MapOutcome, ResultWriterOutput } from './schemas/answer.ts';
export type {
  ApiError,
  ApprovalList,
  ApprovalView,
  DecisionBody,
  DecisionReply,
  HistoryPage,
  ResumeBody,
  RunDetail,
  RunList,
  RunView,
  StartRunBody,
  UploadBody,
  UploadReply,
} from './schemas/api.ts';
export type { BranchRecord } from './schemas/branch-record.ts';
export type {
  AggregateBranchesEvent,
  AggregateDistributedEvent,
  AsyncLlmEvent,
  CreateSnapshotEvent,
  DecompressEvent,
  ExecuteSegmentEvent,
  InitEvent,
  MergeAsyncEvent,
  MergeCallbackEvent,
  PrepareDistributedEvent,
  RestoreEvent,
  StartEvent,
  StoreTaskTokenEvent,
  SyncBranchEvent,
  SyncEvent,
  UpdateAndCompressEvent,
} from './schemas/events.ts';
export type { ErrorInfo, FailedSegment, HistoryEntry, StateHistory, Usage } from './schemas/history.ts';
export type { LedgerIntent, LedgerRecord } from './schemas/ledger-record.ts';
export type {
  AggregateResultsEvent,
  LatestStateEvent,
  LegacyExecuteSegmentEvent,
  LegacyInitEvent,
  LegacyMergeCallbackEvent,
} from './schemas/legacy-events.ts';
export type { Manifest } from './schemas/manifest.ts';
export type {
  AggregateMapEvent,
  ChunkOutcomes,
  ChunkReply,
  ItemOutcome,
  MapItem,
  MapPlan,
  MapRecord,
  MapSlice,
  ProcessChunkEvent,
} from './schemas/map.ts';
export type { AsyncModelCall, ModelCall } from './schemas/model-call.ts';
export type { ApprovalRequest, AsyncLlmRequest, MapRequest, PauseRequest } from './schemas/pause-request.ts';
export type { BranchPointer, DeleteMarker, FieldPointer, HistoryArchive, SchedulingSummary, StatePointer } from './schemas/pointers.ts';
export type { RolloutSettings } from './schemas/rollout.ts';
export type { Branch, Cursor, Delta, DeltaOperation, ResultId, SegmentResult } from './schemas/segment-result.ts';
export type { SnapshotRecord } from './schemas/snapshot.ts';
export type { ChunkSummary, ControlPlane, Envelope, StateBag } from './schemas/state-bag.ts';
export { isStatebagError, NON_RETRYABLE_CODES, RETRYABLE_CODES, StatebagError } from './statebag-error.ts';
export {
  ACTIONS,
  type Action,
  HISTORY_STATUSES,
  type HistoryStatus,
  LEGACY_STATUS_SYNONYMS,
  LIST_STRATEGIES,
  NEXT_ACTIONS,
  type NextAction,
  REDUCERS,
  type ReducerName,
  SCHEMA_VERSION,
  SEGMENT_STATUSES,
  SEGMENT_TYPES,
  type SegmentStatus,
  type SegmentType,
  SNAPSHOT_TYPES,
  type SnapshotType,
} from './statuses.ts';
export { type Brand, type ByteSize, bytes, type EpochMillis, KB, type Sha256, type Timestamp } from './units.ts';
export { accept, type Validator, violationText } from './validate.ts';
