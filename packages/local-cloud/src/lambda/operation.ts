import type { InvocationResult, Journal } from '@statebag/states';
import type { Answer, SignedRequest } from '../gateway/request.ts';
import type { FunctionAddress } from './function-config.ts';
import type { FunctionRegistry } from './function-registry.ts';
import type { InvokeCall } from './invoker.ts';
import type { Concurrency } from './reserved-concurrency.ts';

export interface LambdaRouteDeps {
  readonly registry: FunctionRegistry;
  readonly journal: Journal;
  readonly concurrency: Concurrency;
  invoke(call: InvokeCall): Promise<InvocationResult>;
  arnOf(functionName: string, qualifier?: string): string;
  retire(functionName: string): void;
}

export interface LambdaRequest {
  readonly request: SignedRequest;
  readonly address: FunctionAddress;
  /** The alias named in the path. */
  readonly alias: string;
  body(): Promise<Record<string, unknown>>;
}

export type Operation = (request: LambdaRequest, deps: LambdaRouteDeps) => Promise<Answer>;

/** An answer of Lambda's REST API. */
export function json(body: object, status = 200): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
