import { type Static, Type } from 'typebox';
import { FailedSegmentSchema, HistoryEntrySchema, UsageSchema } from './history.ts';
import { ManifestSchema } from './manifest.ts';
import {
  BranchPathSchema,
  CountSchema,
  closed,
  DefinitionIdSchema,
  ExecutionIdSchema,
  JsonObjectSchema,
  JsonSchema,
  NodeIdSchema,
  nullable,
  oneOf,
  S3UriSchema,
  Sha256Schema,
  TimestampSchema,
  WorkflowIdSchema,
} from './scalars.ts';

/** What the API of workflow-api takes and gives. Bodies are closed, like everything v3. */

const GenerationSchema = oneOf(['v3', 'legacy']);
/** Names an object under the owner's uploads: ids joined by slashes. */
const UploadNameSchema = Type.String({
  pattern: '^(?=.{1,512}$)[A-Za-z0-9][A-Za-z0-9._:-]{0,63}(/[A-Za-z0-9][A-Za-z0-9._:-]{0,63})*$',
});

/** POST /runs. One of `definition_id` and `workflow`; at most one of `input` and `upload`. */
export const StartRunBodySchema = closed({
  workflow_id: WorkflowIdSchema,
  /** A definition that was published before. */
  definition_id: Type.Optional(DefinitionIdSchema),
  /** A workflow document: checked, compiled and published first. */
  workflow: Type.Optional(JsonObjectSchema),
  input: Type.Optional(JsonObjectSchema),
  /** An upload that holds the input, a JSON object. */
  upload: Type.Optional(UploadNameSchema),
  /** Which generation of machines runs it; the deployment chooses where it is not said. */
  generation: Type.Optional(GenerationSchema),
});
export type StartRunBody = Static<typeof StartRunBodySchema>;

/** POST /runs/{run_id}/approve and /reject. */
export const DecisionBodySchema = closed({
  /** Which approval, where the run waits for several. */
  node_id: Type.Optional(NodeIdSchema),
  /** The same where one node asks in several branches or turns, as the list of approvals names it. */
  approval_id: Type.Optional(Type.String({ pattern: '^.{1,512}$' })),
  /** `approve` or `reject` by the route, if not given. */
  choice: Type.Optional(Type.String({ pattern: '^[\\s\\S]{1,128}$' })),
  comment: Type.Optional(Type.String({ pattern: '^[\\s\\S]{0,4096}$' })),
  /** Anything the workflow asked for besides the choice. */
  data: Type.Optional(JsonSchema),
});
export type DecisionBody = Static<typeof DecisionBodySchema>;

/** POST /runs/{run_id}/resume. */
export const ResumeBodySchema = closed({
  /** Of a map that failed, only what failed. */
  failed_items: Type.Optional(Type.Boolean()),
  /** Go back to this snapshot first. */
  snapshot: Type.Optional(S3UriSchema),
});
export type ResumeBody = Static<typeof ResumeBodySchema>;

/** POST /runs/{run_id}/cancel: says nothing. */
export const NoBodySchema = closed({});

/** POST /uploads. Without `content` the reply says where to PUT it. */
export const UploadBodySchema = closed({
  name: UploadNameSchema,
  content: Type.Optional(Type.String()),
  content_type: Type.Optional(Type.String({ pattern: '^[\\x20-\\x7e]{1,128}$' })),
});
export type UploadBody = Static<typeof UploadBodySchema>;

const run = {
  execution_id: ExecutionIdSchema,
  workflow_id: WorkflowIdSchema,
  definition_id: DefinitionIdSchema,
  generation: GenerationSchema,
  status: oneOf(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'CANCELLED']),
  started_at: TimestampSchema,
  /** Since when it waits to begin; null once it has begun. */
  queued_at: nullable(TimestampSchema),
  ended_at: nullable(TimestampSchema),
  /** Name of the error that ended it. */
  error: nullable(Type.String()),
  cause: nullable(Type.String()),
  /** How often it was resumed. */
  resumes: CountSchema,
};

/** A run, as its owner sees it. */
export const RunViewSchema = closed(run);
export type RunView = Static<typeof RunViewSchema>;

/** The same with its output: fields inline while they are small, pointers where not. */
export const RunDetailSchema = closed({
  ...run,
  output: nullable(Type.Unsafe<Record<string, unknown>>({ type: 'object' })),
  output_pointers: Type.Array(Type.String()),
});
export type RunDetail = Static<typeof RunDetailSchema>;

/** Where the next page begins; null at the end. */
const next = nullable(Type.String());

export const RunListSchema = closed({ runs: Type.Array(RunViewSchema), next });
export type RunList = Static<typeof RunListSchema>;

/** History entries, oldest first, archived ones too. */
export const HistoryPageSchema = closed({ entries: Type.Array(HistoryEntrySchema), next });
export type HistoryPage = Static<typeof HistoryPageSchema>;

const FailedTrySchema = closed({ at: TimestampSchema, error: Type.String(), cause: Type.String() });

/** A state that was entered, without what it took and gave. */
const StateTraceSchema = closed({
  /** Number of the event that entered it. */
  event: CountSchema,
  state: Type.String(),
  kind: Type.String(),
  entered_at: TimestampSchema,
  exited_at: nullable(TimestampSchema),
  exit_event: nullable(CountSchema),
  /** UTF-8 bytes of what entered and what left. */
  bytes_in: CountSchema,
  bytes_out: nullable(CountSchema),
  /** The segment it ran, or whose result the bag took that it left. */
  segment_id: nullable(Type.String()),
  /** It left a newly sealed bag, which GET /runs/{run_id}/state gives: `at` is execution~exit_event. */
  sealed: Type.Boolean(),
  failures: Type.Array(FailedTrySchema),
  /** Executions it started, by name. */
  children: Type.Array(Type.String()),
});

const TraceEndSchema = closed({
  status: oneOf(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
  at: TimestampSchema,
  error: nullable(Type.String()),
  cause: nullable(Type.String()),
});

/** One execution of a run: the first, a resume, a branch or a continuation. */
const ExecutionTraceSchema = closed({
  name: Type.String(),
  /** The execution that started it; null for the first and its resumes. */
  parent: nullable(Type.String()),
  events: CountSchema,
  states: Type.Array(StateTraceSchema),
  end: nullable(TraceEndSchema),
});
export type ExecutionTrace = Static<typeof ExecutionTraceSchema>;

/** Every state that a run entered, with times and bytes and without values. */
export const RunTraceSchema = closed({
  run: RunViewSchema,
  /** Tokens and money so far; null where the run has no bag yet. */
  usage: nullable(UsageSchema),
  executions: Type.Array(ExecutionTraceSchema),
  next,
});
export type RunTrace = Static<typeof RunTraceSchema>;

/** The workflow that a run follows, as it was compiled. */
export const RunDefinitionSchema = closed({
  workflow: JsonObjectSchema,
  manifest: ManifestSchema,
});
export type RunDefinition = Static<typeof RunDefinitionSchema>;

const StateFieldSchema = closed({
  name: Type.String(),
  /** UTF-8 bytes of the value, and what stands for it in the bag. */
  bytes: CountSchema,
  bag_bytes: CountSchema,
  /** It lies in S3; the bag has a pointer. */
  stored: Type.Boolean(),
  /** Left out where it is too large for the reply: ask for the field alone. */
  value: Type.Optional(JsonSchema),
  /** The beginning of a value that is too large for any reply, as JSON text. */
  head: Type.Optional(Type.String()),
});
export type StateField = Static<typeof StateFieldSchema>;

/** The state of a run after one of its results, or as it is now. */
export const StateViewSchema = closed({
  /** Which bag was asked for: execution~event; null for the last one. */
  at: nullable(Type.String()),
  segment_id: nullable(Type.String()),
  bag_bytes: CountSchema,
  /** In the order of the bag. */
  fields: Type.Array(StateFieldSchema),
  /** So far; null where the run has no bag yet. */
  usage: nullable(UsageSchema),
  failed_segments: Type.Array(FailedSegmentSchema),
});
export type StateView = Static<typeof StateViewSchema>;

/** An outside call of a run, as its ledger has it. */
const CallViewSchema = closed({
  key: Sha256Schema,
  node_id: NodeIdSchema,
  /** Which branch, turns of loops and items asked, as paths of numbers; null in earlier records. */
  place: nullable(closed({ branch_path: Type.String(), loop: Type.String(), item: Type.String() })),
  /** Answered and recorded: it is not made again. FAILED is one attempt. */
  status: oneOf(['ANSWERED', 'FAILED']),
  /** When the segment was entered that made it. */
  at: TimestampSchema,
  /** What was asked, without secrets; long texts and lists cut. Null in records of earlier releases. */
  asked: nullable(JsonObjectSchema),
  asked_bytes: nullable(CountSchema),
  usage: nullable(UsageSchema),
  /** Left out where it is too large for the reply, and of a failed attempt. */
  result: Type.Optional(JsonSchema),
  result_bytes: nullable(CountSchema),
  error: nullable(Type.String()),
  message: nullable(Type.String()),
});
export type CallView = Static<typeof CallViewSchema>;

/** Calls by their keys. Reading them is bounded: `next` may stand behind a page without calls. */
export const CallPageSchema = closed({ calls: Type.Array(CallViewSchema), read: CountSchema, next });
export type CallPage = Static<typeof CallPageSchema>;

const DecisionSchema = closed({
  /** By a person, by the request's own default at the deadline, or not at all. */
  how: oneOf(['person', 'default', 'expired']),
  choice: nullable(Type.String()),
  comment: nullable(Type.String()),
  by: nullable(Type.String()),
  decided_at: TimestampSchema,
});

/** What a person is or was asked, and who decided what and when. */
export const ApprovalViewSchema = closed({
  approval_id: Type.String(),
  node_id: NodeIdSchema,
  branch_path: BranchPathSchema,
  /**
   * OPEN waits, RECORDED is decided and not yet delivered, DELIVERED reached the run, CLOSED ended with its
   * run.
   */
  state: oneOf(['OPEN', 'RECORDED', 'DELIVERED', 'CLOSED']),
  message: Type.String(),
  choices: Type.Array(Type.String()),
  asked_at: TimestampSchema,
  deadline: TimestampSchema,
  escalated: Type.Boolean(),
  decision: nullable(DecisionSchema),
  closed_reason: nullable(Type.String()),
});
export type ApprovalView = Static<typeof ApprovalViewSchema>;

export const ApprovalListSchema = closed({ approvals: Type.Array(ApprovalViewSchema) });
export type ApprovalList = Static<typeof ApprovalListSchema>;

/** What runs of an owner ask and asked: the newest runs first. */
export const ApprovalPageSchema = closed({
  approvals: Type.Array(
    closed({ execution_id: ExecutionIdSchema, workflow_id: WorkflowIdSchema, approval: ApprovalViewSchema }),
  ),
  next,
});
export type ApprovalPage = Static<typeof ApprovalPageSchema>;

/** The answer to a decision. `recorded`: kept, and delivered as soon as the run can be told. */
export const DecisionReplySchema = closed({
  outcome: oneOf(['delivered', 'recorded']),
  /** The very same decision was recorded before. */
  repeated: Type.Boolean(),
  approval: ApprovalViewSchema,
});
export type DecisionReply = Static<typeof DecisionReplySchema>;

/** Where an upload lies or is to be put. */
export const UploadReplySchema = closed({
  /** Its name, for `upload` of POST /runs. */
  upload: UploadNameSchema,
  /** A signed address for one PUT; null where the content was stored at once. */
  url: nullable(Type.String()),
  expires_at: nullable(TimestampSchema),
});
export type UploadReply = Static<typeof UploadReplySchema>;

/** Every refusal. */
export const ApiErrorSchema = closed({
  error: closed({
    /** A code of docs/errors.md. */
    code: Type.String(),
    message: Type.String(),
    mend: Type.String(),
    /** With Workflow.Invalid: every problem and its place. */
    diagnostics: Type.Optional(Type.Array(JsonSchema)),
  }),
});
export type ApiError = Static<typeof ApiErrorSchema>;
