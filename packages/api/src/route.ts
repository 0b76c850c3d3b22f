import type { RunFilterName } from '@statebag/runs/filters';

/** What a query may ask for. */
export type QueryName = 'limit' | 'next' | 'at' | 'field' | 'node' | RunFilterName;

/** What is reached, and an action on it. scripts/generate/api-functions.ts says which resources that is. */
export type ApiRight =
  | `runs ${'GetItem' | 'PutItem' | 'UpdateItem' | 'Query'}`
  | 'runs-by-owner Query'
  | `machines ${'StartExecution' | 'SendTaskSuccess'}`
  | 'v3-machine StartExecution'
  | `${'aliases' | 'v3-aliases'} DescribeStateMachineAlias`
  | `executions ${'GetExecutionHistory' | 'StopExecution'}`
  | `v3-executions ${'DescribeExecution' | 'GetExecutionHistory'}`
  | 'rollout GetParameter'
  | `${'run-objects' | 'definitions' | 'uploads'} ${'GetObject' | 'PutObject'}`
  | 'what-is-missing ListBucket'
  | 'run-calls ListBucket'
  | 'what-is-gone ListBucket'
  | 'start-dispatcher InvokeFunction'
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
