import {
  AggregateBranchesEventSchema,
  AggregateDistributedEventSchema,
  AggregateResultsEventSchema,
  AnswerSchema,
  AsyncLlmEventSchema,
  AsyncModelCallSchema,
  BranchPointerSchema,
  BranchRecordSchema,
  BranchSchema,
  CreateSnapshotEventSchema,
  CursorSchema,
  DecompressEventSchema,
  DeltaOperationSchema,
  EnvelopeSchema,
  ErrorInfoSchema,
  ExecuteSegmentEventSchema,
  FailedSegmentSchema,
  FieldPointerSchema,
  HistoryArchiveSchema,
  HistoryEntrySchema,
  InitEventSchema,
  LatestStateEventSchema,
  LedgerIntentSchema,
  LedgerRecordSchema,
  LegacyExecuteSegmentEventSchema,
  LegacyInitEventSchema,
  LegacyMergeCallbackEventSchema,
  ManifestSchema,
  MergeAsyncEventSchema,
  MergeCallbackEventSchema,
  PauseRequestSchema,
  PrepareDistributedEventSchema,
  RestoreEventSchema,
  ResultIdSchema,
  SchedulingSummarySchema,
  SegmentResultSchema,
  SnapshotRecordSchema,
  StartEventSchema,
  StateBagSchema,
  StateHistorySchema,
  StatePointerSchema,
  StoreTaskTokenEventSchema,
  SyncBranchEventSchema,
  SyncEventSchema,
  UpdateAndCompressEventSchema,
  UsageSchema,
} from '@statebag/contracts/schemas';

/** What crosses a process boundary, by the name its validator and its JSON Schema get. */
export const WIRE_SCHEMAS: Readonly<Record<string, object>> = {
  AggregateBranchesEvent: AggregateBranchesEventSchema,
  AggregateDistributedEvent: AggregateDistributedEventSchema,
  AggregateResultsEvent: AggregateResultsEventSchema,
  Answer: AnswerSchema,
  AsyncLlmEvent: AsyncLlmEventSchema,
  AsyncModelCall: AsyncModelCallSchema,
  BranchPointer: BranchPointerSchema,
  BranchRecord: BranchRecordSchema,
  CreateSnapshotEvent: CreateSnapshotEventSchema,
  DecompressEvent: DecompressEventSchema,
  Envelope: EnvelopeSchema,
  ExecuteSegmentEvent: ExecuteSegmentEventSchema,
  InitEvent: InitEventSchema,
  LatestStateEvent: LatestStateEventSchema,
  LedgerIntent: LedgerIntentSchema,
  LedgerRecord: LedgerRecordSchema,
  LegacyExecuteSegmentEvent: LegacyExecuteSegmentEventSchema,
  LegacyInitEvent: LegacyInitEventSchema,
  LegacyMergeCallbackEvent: LegacyMergeCallbackEventSchema,
  Manifest: ManifestSchema,
  MergeAsyncEvent: MergeAsyncEventSchema,
  MergeCallbackEvent: MergeCallbackEventSchema,
  PrepareDistributedEvent: PrepareDistributedEventSchema,
  RestoreEvent: RestoreEventSchema,
  SegmentResult: SegmentResultSchema,
  SnapshotRecord: SnapshotRecordSchema,
  StartEvent: StartEventSchema,
  StateBag: StateBagSchema,
  StoreTaskTokenEvent: StoreTaskTokenEventSchema,
  SyncBranchEvent: SyncBranchEventSchema,
  SyncEvent: SyncEventSchema,
  UpdateAndCompressEvent: UpdateAndCompressEventSchema,
};

/** Shapes that others are made of: written once under `$defs`, so a validator compiles each once. */
const PARTS: Readonly<Record<string, object>> = {
  ...WIRE_SCHEMAS,
  Branch: BranchSchema,
  Cursor: CursorSchema,
  DeltaOperation: DeltaOperationSchema,
  ErrorInfo: ErrorInfoSchema,
  FailedSegment: FailedSegmentSchema,
  FieldPointer: FieldPointerSchema,
  HistoryArchive: HistoryArchiveSchema,
  HistoryEntry: HistoryEntrySchema,
  PauseRequest: PauseRequestSchema,
  ResultId: ResultIdSchema,
  SchedulingSummary: SchedulingSummarySchema,
  StateHistory: StateHistorySchema,
  StatePointer: StatePointerSchema,
  Usage: UsageSchema,
};

const NAME_OF = new Map(Object.entries(PARTS).map(([name, schema]) => [JSON.stringify(schema), name]));

/** Every part by name, each referring to the others by `<base><Name>`. */
export function partsReferringBy(base: string): Record<string, object> {
  return Object.fromEntries(Object.entries(PARTS).map(([name, schema]) => [name, membersWithReferences(schema, base)]));
}

function membersWithReferences(schema: object, base: string): object {
  const members = Object.entries(schema).map(([key, member]) => [key, withReferences(member, base)]);
  return Object.fromEntries(members);
}

function withReferences(schema: unknown, base: string): unknown {
  if (Array.isArray(schema)) return schema.map((member) => withReferences(member, base));
  if (typeof schema !== 'object' || schema === null) return schema;
  const name = NAME_OF.get(JSON.stringify(schema));
  return name === undefined ? membersWithReferences(schema, base) : { $ref: `${base}${name}` };
}
