import { type Static, Type } from 'typebox';
import { HistoryEntrySchema } from './history.ts';
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
  TimestampSchema,
  WorkflowIdSchema,
} from './scalars.ts';

/** What the API of workflow-api takes and gives. Bodies are closed, like everything v3. */

const GenerationSchema = oneOf(['v3', 'legacy']);
/** Names an object under the owner's uploads: ids joined by slashes. */
const UploadNameSchema = Type.String({ pattern: '^(?=.{1,512}$)[A-Za-z0-9][A-Za-z0-9._:-]{0,63}(/[A-Za-z0-9][A-Za-z0-9._:-]{0,63})*$' });

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
  /** Fields of the output that stand as pointers. */
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
  /** OPEN waits, RECORDED is decided and not yet delivered, DELIVERED reached the run, CLOSED ended with its run. */
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
