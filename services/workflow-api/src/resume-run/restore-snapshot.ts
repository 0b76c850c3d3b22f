import { accept, type Envelope, ERRORS, type ErrorCode, type RestoreEvent, type S3Uri, StatebagError } from '@statebag/contracts';
import { validateEnvelope } from '@statebag/contracts/validators';
import type { Api } from '../open-api.ts';
import { timestamp } from '../run/owned-run.ts';

/** The bag of a run as it was at a snapshot of its own, one resume later. @throws what the sync core raises, `Pointer.Foreign` for one of another run */
export async function restoreSnapshot({ stateDataManagerArn, now }: Api, { state_data, machine_arn }: Envelope, snapshot_s3_path: S3Uri): Promise<Envelope> {
  const event: RestoreEvent = { action: 'restore', state_data, snapshot_s3_path, now: timestamp(now()), ...(machine_arn !== undefined && { machine_arn }) };
  const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda'); // most runs go on from their last bag
  const lambda = new LambdaClient({});
  const answer = await lambda.send(new InvokeCommand({ FunctionName: stateDataManagerArn, Payload: JSON.stringify(event) }));
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
