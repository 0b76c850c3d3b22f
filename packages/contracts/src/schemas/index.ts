export { AnswerSchema, ChunkResultSchema, MapOutcomeSchema, ResultWriterSchema } from './answer.ts';
export {
  ApiErrorSchema,
  ApprovalListSchema,
  ApprovalViewSchema,
  DecisionBodySchema,
  DecisionReplySchema,
  HistoryPageSchema,
  NoBodySchema,
  ResumeBodySchema,
  RunDetailSchema,
  RunListSchema,
  RunViewSchema,
  StartRunBodySchema,
  UploadBodySchema,
  UploadReplySchema,
} from './api.ts';
export { BranchRecordSchema } from './branch-record.ts';
export {
  AggregateBranchesEventSchema,
  AggregateDistributedEventSchema,
  AsyncLlmEventSchema,
  CreateSnapshotEventSchema,
  DecompressEventSchema,
  ExecuteSegmentEventSchema,
  InitEventSchema,
  MergeAsyncEventSchema,
  MergeCallbackEventSchema,
  PrepareDistributedEventSchema,
  RestoreEventSchema,
  StartEventSchema,
  StoreTaskTokenEventSchema,
  SyncBranchEventSchema,
  SyncEventSchema,
  UpdateAndCompressEventSchema,
} from './events.ts';
export { ErrorInfoSchema, FailedSegmentSchema, HistoryEntrySchema, StateHistorySchema, UsageSchema } from './history.ts';
export { LedgerIntentSchema, LedgerRecordSchema } from './ledger-record.ts';
export {
  AggregateResultsEventSchema,
  LatestStateEventSchema,
  LegacyExecuteSegmentEventSchema,
  LegacyInitEventSchema,
  LegacyMergeCallbackEventSchema,
} from './legacy-events.ts';
export { ManifestSchema } from './manifest.ts';
export { AggregateMapEventSchema, ChunkReplySchema, MapItemSchema, MapPlanSchema, ProcessChunkEventSchema } from './map.ts';
export { AsyncModelCallSchema, ModelCallSchema } from './model-call.ts';
export { ApprovalRequestSchema, AsyncLlmRequestSchema, MapRequestSchema, PauseRequestSchema } from './pause-request.ts';
export { BranchPointerSchema, FieldPointerSchema, HistoryArchiveSchema, orPointer, SchedulingSummarySchema, StatePointerSchema } from './pointers.ts';
export { RolloutSettingsSchema } from './rollout.ts';
export { closed, JsonObjectSchema, JsonSchema, nullable, oneOf, S3UriSchema, SegmentIdSchema, TimestampSchema } from './scalars.ts';
export { BranchSchema, CursorSchema, DeltaOperationSchema, DeltaSchema, ResultIdSchema, SegmentResultSchema } from './segment-result.ts';
export { SnapshotRecordSchema } from './snapshot.ts';
export { ChunkSummarySchema, CONTROL_SCHEMAS, EnvelopeSchema, SchemaVersionSchema, StateBagSchema } from './state-bag.ts';
