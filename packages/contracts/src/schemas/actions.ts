import { type Static, type TObject, type TSchema, Type } from 'typebox';
import type { JsonObject } from '../json.ts';
import type { AnsweredBy } from '../routing.ts';
import { SNAPSHOT_TYPES } from '../statuses.ts';
import { SAMPLE } from './action-samples.ts';
import { AnswerSchema, MapOutcomeSchema } from './answer.ts';
import { BranchRecordSchema } from './branch-record.ts';
import { StartEventSchema } from './events.ts';
import { BranchPointerSchema, FieldPointerSchema } from './pointers.ts';
import {
  CountSchema,
  closed,
  FieldNameSchema,
  JsonObjectSchema,
  JsonSchema,
  MachineArnSchema,
  nullable,
  oneOf,
  S3UriSchema,
  TimestampSchema,
} from './scalars.ts';
import { BranchSchema, ResultIdSchema, SegmentResultSchema } from './segment-result.ts';
import { StateBagSchema } from './state-bag.ts';

/**
 * The actions of the sync core, each declared once. From a declaration `npm run generate` makes the list of
 * actions, what the routing table says of it, its validator and JSON Schema, its row in `docs/actions.md`,
 * its sample event, and its place in the table of steps: the action `a_b` is the export `aB` of the file
 * `packages/steps/src/actions/a-b.ts`.
 */
export interface ActionRule {
  /** What its result answers, and with that the row of the routing table; null where it routes by itself. */
  readonly answers: AnsweredBy | null;
  /** Two clauses for `docs/actions.md`. */
  readonly does: string;
  readonly gives: string;
  /** A whole event that works, for `sls invoke local` and its test. */
  readonly sample: JsonObject;
}

const RULE = Symbol('rule of an action');

/** The rule of an action, found at the schema of its event; undefined for any other schema. */
export function actionRuleOf(schema: object): ActionRule | undefined {
  // only `declared` below writes this member
  return (schema as { readonly [RULE]?: ActionRule })[RULE];
}

/** The rule is kept under a symbol, where neither JSON nor a validator sees it. */
function declared<Event extends TObject>(event: Event, rule: ActionRule): Event {
  return { ...event, [RULE]: rule };
}

interface BagAction<Members> extends Omit<ActionRule, 'sample'> {
  /** What the event holds besides `state_data` and `now`. */
  readonly takes: Members;
  /** Those members as they may look, and what the bag holds differently than the sample bag. */
  readonly sample: { readonly bag?: JsonObject; readonly members: JsonObject };
}

/** An action on a state bag. */
function bagAction<const Name extends string, Members extends Record<string, TSchema>>(
  action: Name,
  { takes, sample: { bag, members }, ...rule }: BagAction<Members>,
) {
  const event = closed({
    action: Type.Literal(action),
    state_data: StateBagSchema,
    now,
    machine_arn: Type.Optional(MachineArnSchema),
    ...takes,
  });
  const sample = { action, state_data: { ...SAMPLE.bag, ...bag }, now: SAMPLE.now, ...members };
  return declared(event, { ...rule, sample });
}

/** `now` is the state's entered time, so that another try gives the same bytes. */
const now = TimestampSchema;
/** Tries of this task before this one. */
const retry_count = CountSchema;
/** Error and cause as a Catch of Step Functions gives them. */
const CaughtErrorSchema = closed({ Error: Type.String(), Cause: Type.Optional(Type.String()) });
/** The pause or group that an answer belongs to; without it, the one the bag is in. */
const result_id = Type.Optional(ResultIdSchema);

/**
 * There is no bag yet. initializeStateData builds it; executeSegment runs the first segment too, unless the
 * task was tried before.
 */
export const InitEventSchema = declared(
  closed({
    action: Type.Literal('init'),
    start: StartEventSchema,
    now,
    retry_count: Type.Optional(retry_count),
    machine_arn: Type.Optional(MachineArnSchema),
  }),
  {
    answers: null,
    does: 'builds the first bag; in executeSegment it runs the first segment on it',
    gives: 'envelope, `STARTED`',
    sample: { action: 'init', start: SAMPLE.start, now: SAMPLE.now },
  },
);
export type InitEvent = Static<typeof InitEventSchema>;

export const SyncEventSchema = bagAction('sync', {
  answers: 'segment',
  does: 'merges the result of one segment',
  takes: { execution_result: SegmentResultSchema, retry_count },
  gives: 'envelope',
  sample: {
    bag: SAMPLE.started,
    members: { now: '2026-01-31T12:00:04.000Z', execution_result: SAMPLE.result, retry_count: 0 },
  },
});
export type SyncEvent = Static<typeof SyncEventSchema>;

/** Such a bag began with no history and no usage. Without `branch` the id follows from the branch path. */
export const SyncBranchEventSchema = bagAction('sync_branch', {
  answers: 'segment',
  does: 'the same in the bag of a branch',
  takes: {
    execution_result: SegmentResultSchema,
    retry_count,
    branch: Type.Optional(
      Type.Pick(BranchPointerSchema, ['branch_id', 'branch_index'], { additionalProperties: false }),
    ),
  },
  gives: 'envelope and `branch_pointer`, also kept in the bag of the branch',
  sample: {
    bag: { ...SAMPLE.started, branch_path: '0' },
    members: {
      execution_result: SAMPLE.branchResult,
      branch: { branch_id: 'high-urgency', branch_index: 0 },
      retry_count: 0,
    },
  },
});
export type SyncBranchEvent = Static<typeof SyncBranchEventSchema>;

/** `group` is the list the group was started with: it knows which branches are optional. */
export const AggregateBranchesEventSchema = bagAction('aggregate_branches', {
  answers: 'pause',
  does: 'joins what the branches of a group left',
  takes: {
    branches: Type.Union([
      Type.Array(Type.Union([BranchPointerSchema, BranchRecordSchema])),
      FieldPointerSchema,
    ]),
    load_from_s3: Type.Optional(Type.Boolean()),
    group: Type.Optional(Type.Union([Type.Array(BranchSchema), FieldPointerSchema, Type.Null()])),
    map_error: Type.Optional(nullable(CaughtErrorSchema)),
  },
  gives: 'envelope, joined in the order of the branches',
  sample: {
    bag: {
      status: 'PARALLEL_GROUP',
      next_action: 'PARALLEL_GROUP',
      pending_branches: [
        { branch_id: 'high-urgency', branch_index: 0 },
        { branch_id: 'low-urgency', branch_index: 1 },
      ],
    },
    members: { branches: SAMPLE.branchRecords },
  },
});
export type AggregateBranchesEvent = Static<typeof AggregateBranchesEventSchema>;

/** Anything but an `Answer` is the answer's value itself. */
export const MergeCallbackEventSchema = bagAction('merge_callback', {
  answers: 'pause',
  does: 'merges the answer of a person: an `Answer`, or any JSON',
  takes: { callback_result: Type.Union([AnswerSchema, JsonSchema]), result_id },
  gives: 'envelope; the answer in its field and in `last_hitp_response`',
  sample: {
    bag: { status: 'PAUSED_FOR_HITP', next_action: 'PAUSED_FOR_HITP' },
    members: {
      callback_result: {
        result_id: SAMPLE.resultId,
        field: 'decision',
        status: 'CONTINUE',
        value: { choice: 'approve', comment: 'Send it.', decided_by: 'kim' },
      },
    },
  },
});
export type MergeCallbackEvent = Static<typeof MergeCallbackEventSchema>;

export const MergeAsyncEventSchema = bagAction('merge_async', {
  answers: 'pause',
  does: 'merges the answer of an asynchronous call',
  takes: { async_result: Type.Union([AnswerSchema, JsonSchema]), result_id },
  gives: 'envelope; the answer in its field',
  sample: {
    bag: { status: 'PAUSED_FOR_ASYNC_LLM', next_action: 'ASYNC_LLM' },
    members: {
      async_result: {
        result_id: SAMPLE.resultId,
        field: 'summary',
        status: 'CONTINUE',
        value: 'Two tickets, one of them urgent.',
        usage: SAMPLE.usage,
      },
    },
  },
});
export type MergeAsyncEvent = Static<typeof MergeAsyncEventSchema>;

export const AggregateDistributedEventSchema = bagAction('aggregate_distributed', {
  answers: 'pause',
  does: 'takes in the results of a map: a list, a pointer, or the output of a ResultWriter',
  takes: {
    execution_result: MapOutcomeSchema,
    /** The items' outputs become this field, in order. */
    field: Type.Optional(FieldNameSchema),
    map_error: Type.Optional(nullable(CaughtErrorSchema)),
    /** The scheduler's account of its batches: stored, its figures stay in the bag. */
    scheduling_metadata: Type.Optional(JsonSchema),
    aggregation_timestamp: Type.Optional(TimestampSchema),
  },
  gives: 'envelope with summary',
  sample: {
    bag: { status: 'MAP_REDUCE', next_action: 'MAP_REDUCE' },
    members: {
      execution_result: SAMPLE.chunks,
      field: 'answers',
      aggregation_timestamp: SAMPLE.now,
    },
  },
});
export type AggregateDistributedEvent = Static<typeof AggregateDistributedEventSchema>;

export const CreateSnapshotEventSchema = bagAction('create_snapshot', {
  answers: null,
  does: 'keeps what the run can be taken back to',
  takes: { snapshot_type: oneOf(SNAPSHOT_TYPES) },
  gives: 'envelope and `snapshot_s3_path`; `next_action` stays',
  sample: { members: { snapshot_type: 'pre' } },
});
export type CreateSnapshotEvent = Static<typeof CreateSnapshotEventSchema>;

export const RestoreEventSchema = bagAction('restore', {
  answers: null,
  does: 'takes the run back to a snapshot',
  takes: { snapshot_s3_path: S3UriSchema },
  gives:
    'envelope: state, place and loop of the snapshot, `resume_count` + 1; CONTINUE, or COMPLETE where nothing was left to run',
  sample: {
    bag: { status: 'FAILED', next_action: 'FAILED', failed_segments: [SAMPLE.failure] },
    members: { snapshot_s3_path: SAMPLE.snapshot },
  },
});
export type RestoreEvent = Static<typeof RestoreEventSchema>;

/** The events of the first generation are open: whatever else they hold is kept. */
export const UpdateAndCompressEventSchema = declared(
  Type.Object({
    action: Type.Optional(Type.Literal('update_and_compress')),
    state_data: JsonObjectSchema,
    execution_result: Type.Optional(JsonSchema),
    max_payload_size_kb: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    /**
     * The result is a turn of the machine and holds the whole state: it takes the state's place instead of
     * being merged into it, and is counted.
     */
    whole_state: Type.Optional(Type.Boolean()),
    now: Type.Optional(TimestampSchema),
  }),
  {
    answers: null,
    does: 'first generation: merges a whole state, and is what an event without `action` means',
    gives: 'the bare bag',
    sample: SAMPLE.legacyUpdate,
  },
);
export type UpdateAndCompressEvent = Static<typeof UpdateAndCompressEventSchema>;

/** The inverse: `state_data` as it was returned. */
export const DecompressEventSchema = declared(
  Type.Object({
    action: Type.Literal('decompress'),
    compressed_data: Type.Optional(JsonSchema),
    state_data: Type.Optional(JsonSchema),
  }),
  {
    answers: null,
    does: 'first generation: opens what `update_and_compress` compressed',
    gives: 'what was compressed',
    sample: { action: 'decompress', compressed_data: SAMPLE.compressed },
  },
);
export type DecompressEvent = Static<typeof DecompressEventSchema>;
