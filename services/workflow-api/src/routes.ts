/** A route of the API: which function answers it, with what, and what it can refuse. */
export interface ApiRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Key of the function in serverless.yml. */
  readonly key: string;
  readonly summary: string;
  /** Names of wire schemas. */
  readonly body: string | null;
  readonly reply: string;
  readonly success: readonly number[];
  readonly refusals: readonly number[];
  readonly query?: readonly ('limit' | 'next')[];
  /** Takes the header Idempotency-Key. */
  readonly idempotent?: boolean;
}

const RUN = '/runs/{run_id}';

/** All routes. The template, the OpenAPI document and `statebag dev` are held to this table. */
export const ROUTES: readonly ApiRoute[] = [
  {
    ...{ method: 'POST', path: '/runs', key: 'startRun', summary: 'Start a run', body: 'StartRunBody', reply: 'RunView' },
    ...{ success: [201, 200], refusals: [400, 404, 409, 413], idempotent: true },
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
    query: ['limit', 'next'],
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
  },
  {
    ...{ method: 'GET', path: `${RUN}/history`, key: 'runHistory', summary: 'What the nodes of a run did, oldest first', body: null, reply: 'HistoryPage' },
    ...{ success: [200], refusals: [400, 404], query: ['limit', 'next'] },
  },
  {
    ...{ method: 'GET', path: `${RUN}/approvals`, key: 'runApprovals', summary: 'What a run asks and asked: who decided what, and when', body: null },
    ...{ reply: 'ApprovalList', success: [200], refusals: [404] },
  },
  {
    ...{ method: 'POST', path: `${RUN}/approve`, key: 'approveRun', summary: 'Decide what a run asks', body: 'DecisionBody', reply: 'DecisionReply' },
    ...{ success: [200], refusals: [400, 404, 409, 410, 413] },
  },
  {
    ...{ method: 'POST', path: `${RUN}/reject`, key: 'rejectRun', summary: 'Reject what a run asks', body: 'DecisionBody', reply: 'DecisionReply' },
    ...{ success: [200], refusals: [400, 404, 409, 410, 413] },
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
  },
  {
    ...{
      method: 'POST',
      path: `${RUN}/resume`,
      key: 'resumeRun',
      summary: 'Go on with a run that failed, timed out or was stopped',
      body: 'ResumeBody',
      reply: 'RunView',
    },
    ...{ success: [202], refusals: [400, 404, 409] },
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
  },
];
