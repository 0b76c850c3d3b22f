import { accept, StatebagError, timestampOf } from '@statebag/contracts';
import { ERRORS, type ErrorCode } from '@statebag/contracts/errors';
import type { S3Uri } from '@statebag/contracts/object-keys';
import type { RestoreEvent } from '@statebag/contracts/schemas/actions';
import type { Envelope } from '@statebag/contracts/schemas/state-bag';
import { validateEnvelope } from '@statebag/contracts/validators';
import type { Api } from '../open-api.ts';

/**
 * The bag of a run as it was at a snapshot of its own, one resume later. @throws what the sync core raises,
 * `Pointer.Foreign` for one of another run
 */
export async function restoreSnapshot(
  { stateDataManagerArn, now }: Api,
  { state_data, machine_arn }: Envelope,
  snapshot_s3_path: S3Uri,
): Promise<Envelope> {
  const event: RestoreEvent = {
    action: 'restore',
    state_data,
    snapshot_s3_path,
    now: timestampOf(now()),
    ...(machine_arn !== undefined && { machine_arn }),
  };
  // most runs go on from their last bag
  const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const lambda = new LambdaClient({});
  const answer = await lambda.send(
    new InvokeCommand({ FunctionName: stateDataManagerArn, Payload: JSON.stringify(event) }),
  );
  const reply: unknown = JSON.parse(answer.Payload?.transformToString() || 'null');
  if (answer.FunctionError !== undefined) throw failureIn(reply as Failure); // Lambda's own error document
  return accept<Envelope>(validateEnvelope, reply, 'restored bag');
}

interface Failure {
  readonly errorType?: string;
  readonly errorMessage?: string;
}

function failureIn({ errorType = '', errorMessage = '' }: Failure): Error {
  if (!Object.hasOwn(ERRORS, errorType)) return new Error(`restore failed: ${errorType}`);
  return new StatebagError(errorType as ErrorCode, errorMessage); // it is a key of the catalogue
}
