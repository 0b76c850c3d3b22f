import type { Json } from '@statebag/contracts';

/** A person's decision, for runs that do not wait. */
export type AnswerApproval = (nodeId: string) => Json;

/** Calls a Lambda function and gives its reply. @throws a retryable error where trying again may help */
export type InvokeFunction = (call: {
  readonly function_arn: string;
  readonly event: Json;
  readonly timeout_ms: number;
  readonly idempotency_key: string;
}) => Promise<Json>;
