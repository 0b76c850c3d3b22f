import { RUN_FILTERS, type RunFilterName } from '@statebag/runs/filters';

/** What a query may ask for. */
export type QueryName = 'limit' | 'next' | 'at' | 'field' | 'node' | RunFilterName;

/** What is reached, and an action on it. scripts/generate/api-functions.ts says which resources that is. */
export type ApiRight =
  | `runs ${'GetItem' | 'PutItem' | 'UpdateItem' | 'Query'}`
  | 'runs-by-owner Query'
  | `machines ${'StartExecution' | 'SendTaskSuccess'}`
  | 'v3-machine StartExecution'
  | 'aliases DescribeStateMachineAlias'
  | `executions ${'GetExecutionHistory' | 'StopExecution'}`
  | `v3-executions ${'DescribeExecution' | 'GetExecutionHistory'}`
  | 'rollout GetParameter'
  | `${'run-objects' | 'definitions' | 'uploads'} ${'GetObject' | 'PutObject'}`
  | 'what-is-missing ListBucket'
  | 'run-calls ListBucket'
  | 'state-data-manager InvokeFunction';

/** A route of the API: which function answers it, with what, and what it can refuse. */
export interface ApiRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Key of the function in serverless.yml; its folder is the key in kebab-case. */
  readonly key: string;
  readonly summary: string;
  /** Names of wire schemas. */
  readonly body: string | null;
  readonly reply: string;
  readonly success: readonly number[];
  readonly refusals: readonly number[];
  readonly query?: readonly QueryName[];
  /** Takes the header Idempotency-Key. */
  readonly idempotent?: boolean;
  /** What its function does, as the console shows it. */
  readonly does: string;
  readonly memory: { readonly mb: number; readonly why: string };
  /** All that its function may ask of AWS. */
  readonly rights: readonly ApiRight[];
}

const RUN = '/runs/{run_id}';
const FILTERS = Object.keys(RUN_FILTERS) as RunFilterName[]; // an object literal has the keys of its type

/**
 * All routes. The functions of the template and the OpenAPI document are made of this table (npm run
 * generate); `statebag dev` serves it. The function of a route is services/workflow-api/src/<key>/handler.ts.
 */
export const ROUTES: readonly ApiRoute[] = [
  {
    method: 'POST',
    path: '/runs',
    key: 'startRun',
    summary: 'Start a run',
    body: 'StartRunBody',
    reply: 'RunView',
    success: [201, 200],
    refusals: [400, 404, 409, 413],
    idempotent: true,
    does: 'Starts a run, once for each idempotency key',
    memory: { mb: 1024, why: 'compiling a large workflow takes processor time' },
    rights: [
      'runs PutItem',
      'machines StartExecution',
      'aliases DescribeStateMachineAlias',
      'rollout GetParameter',
      'definitions GetObject',
      'definitions PutObject',
      'uploads GetObject',
      'uploads PutObject',
      'what-is-missing ListBucket',
    ],
  },
  {
    method: 'GET',
    path: '/runs',
    key: 'listRuns',
    summary: 'List your runs, newest first',
    body: null,
    reply: 'RunList',
    success: [200],
    refusals: [400],
    query: ['limit', 'next', ...FILTERS],
    does: 'Lists the runs of an owner, newest first',
    memory: { mb: 512, why: 'a page of items' },
    rights: ['runs-by-owner Query'],
  },
  {
    method: 'GET',
    path: RUN,
    key: 'getRun',
    summary: 'Status, times, error and output of a run',
    body: null,
    reply: 'RunDetail',
    success: [200],
    refusals: [404],
    does: 'Tells status, times, error and output of a run',
    memory: { mb: 512, why: 'up to 512 KB of output' },
    rights: [
      'runs GetItem',
      'executions GetExecutionHistory',
      'run-objects GetObject',
      'definitions GetObject',
    ],
  },
  {
    method: 'GET',
    path: `${RUN}/history`,
    key: 'runHistory',
    summary: 'What the nodes of a run did, oldest first',
    body: null,
    reply: 'HistoryPage',
    success: [200],
    refusals: [400, 404],
    query: ['limit', 'next'],
    does: 'Tells what the nodes of a run did',
    memory: { mb: 512, why: 'a page of a history, with its blocks' },
    rights: ['runs GetItem', 'executions GetExecutionHistory', 'run-objects GetObject'],
  },
  {
    method: 'GET',
    path: `${RUN}/trace`,
    key: 'runTrace',
    summary: 'Every state that a run entered, with times and bytes and without values',
    body: null,
    reply: 'RunTrace',
    success: [200],
    refusals: [400, 404],
    query: ['next'],
    does: 'Tells which states a run entered',
    memory: { mb: 1024, why: 'whole histories of up to 50 executions' },
    rights: ['runs GetItem', 'executions GetExecutionHistory'],
  },
  {
    method: 'GET',
    path: `${RUN}/definition`,
    key: 'runDefinition',
    summary: 'The workflow that a run follows, and its segments',
    body: null,
    reply: 'RunDefinition',
    success: [200],
    refusals: [404],
    does: 'Tells which workflow a run follows',
    memory: { mb: 512, why: 'a document of up to 4 MB' },
    rights: ['runs GetItem', 'definitions GetObject'],
  },
  {
    method: 'GET',
    path: `${RUN}/state`,
    key: 'runState',
    summary: 'The state of a run after one of its results, or as it is now',
    body: null,
    reply: 'StateView',
    success: [200],
    refusals: [400, 404],
    query: ['at', 'field'],
    does: 'Tells the state of a run',
    memory: { mb: 1024, why: 'a field of up to 50 MB, of which the beginning is given' },
    rights: ['runs GetItem', 'executions GetExecutionHistory', 'run-objects GetObject'],
  },
  {
    method: 'GET',
    path: `${RUN}/calls`,
    key: 'runCalls',
    summary: 'The outside calls of a run, of all nodes or of one: what was asked, and what came of it',
    body: null,
    reply: 'CallPage',
    success: [200],
    refusals: [400, 404],
    query: ['node', 'next'],
    does: 'Tells which outside calls a run made',
    memory: { mb: 512, why: '200 records of up to 50 KB' },
    rights: ['runs GetItem', 'run-objects GetObject', 'run-calls ListBucket'],
  },
  {
    method: 'GET',
    path: '/approvals',
    key: 'listApprovals',
    summary: 'What your runs ask and asked, the newest runs first',
    body: null,
    reply: 'ApprovalPage',
    success: [200],
    refusals: [400],
    query: ['limit', 'next', ...FILTERS],
    does: 'Lists what the runs of an owner ask and asked',
    memory: { mb: 512, why: 'items, and messages that were stored' },
    rights: ['runs-by-owner Query', 'runs Query', 'run-objects GetObject'],
  },
  {
    method: 'GET',
    path: `${RUN}/approvals`,
    key: 'runApprovals',
    summary: 'What a run asks and asked: who decided what, and when',
    body: null,
    reply: 'ApprovalList',
    success: [200],
    refusals: [404],
    does: 'Tells who decided what, and when',
    memory: { mb: 512, why: 'items, and messages that were stored' },
    rights: ['runs GetItem', 'runs Query', 'run-objects GetObject'],
  },
  {
    method: 'POST',
    path: `${RUN}/approve`,
    key: 'approveRun',
    summary: 'Decide what a run asks',
    body: 'DecisionBody',
    reply: 'DecisionReply',
    success: [200],
    refusals: [400, 404, 409, 410, 413],
    does: 'Decides what a run asks',
    memory: { mb: 512, why: 'a decision of up to 4 MB' },
    rights: [
      'runs GetItem',
      'runs PutItem',
      'runs Query',
      'machines SendTaskSuccess',
      'run-objects GetObject',
      'run-objects PutObject',
    ],
  },
  {
    method: 'POST',
    path: `${RUN}/reject`,
    key: 'rejectRun',
    summary: 'Reject what a run asks',
    body: 'DecisionBody',
    reply: 'DecisionReply',
    success: [200],
    refusals: [400, 404, 409, 410, 413],
    does: 'Rejects what a run asks',
    memory: { mb: 512, why: 'a decision of up to 4 MB' },
    rights: [
      'runs GetItem',
      'runs PutItem',
      'runs Query',
      'machines SendTaskSuccess',
      'run-objects GetObject',
      'run-objects PutObject',
    ],
  },
  {
    method: 'POST',
    path: `${RUN}/cancel`,
    key: 'cancelRun',
    summary: 'End a run with all its children',
    body: 'NoBody',
    reply: 'RunView',
    success: [202],
    refusals: [400, 404, 409],
    does: 'Ends a run with all its children',
    memory: { mb: 512, why: 'items of a few KB; half a GB only for the cold start' },
    rights: ['runs GetItem', 'runs PutItem', 'runs Query', 'runs UpdateItem', 'executions StopExecution'],
  },
  {
    method: 'POST',
    path: `${RUN}/resume`,
    key: 'resumeRun',
    summary: 'Go on with a run that failed, timed out or was stopped',
    body: 'ResumeBody',
    reply: 'RunView',
    success: [202],
    refusals: [400, 404, 409],
    does: 'Goes on with a run that failed, timed out or was stopped',
    memory: { mb: 512, why: 'two bags of at most 120 KB' },
    rights: [
      'runs GetItem',
      'runs UpdateItem',
      'v3-executions DescribeExecution',
      'v3-executions GetExecutionHistory',
      'v3-machine StartExecution',
      'state-data-manager InvokeFunction',
    ],
  },
  {
    method: 'POST',
    path: '/uploads',
    key: 'createUpload',
    summary: 'Put an object under your uploads',
    body: 'UploadBody',
    reply: 'UploadReply',
    success: [201, 200],
    refusals: [400, 413],
    does: 'Puts an object under an owner’s uploads, or says where to put it',
    memory: { mb: 512, why: 'an object of up to 4 MB' },
    rights: ['uploads PutObject'],
  },
];
