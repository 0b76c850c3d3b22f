import { SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { StoreTaskTokenEvent } from '@statebag/contracts/schemas/events';
import type { LocalCloud, LocalCloudOptions } from '@statebag/local-cloud';
import { yes } from '../deployed-app.ts';

type Functions = NonNullable<LocalCloudOptions['taskFunctions']>;

/**
 * Stands between Step Functions and the deployed functions: whoever asks a person is told "approve" at once,
 * every other call goes through.
 */
export async function answerApprovals(
  invocation: Parameters<Functions['invoke']>[0],
  cloud: LocalCloud,
): ReturnType<Functions['invoke']> {
  if (!invocation.functionName.includes('storeTaskToken')) return cloud.functions.invoke(invocation);
  const event: StoreTaskTokenEvent = JSON.parse(invocation.payload);
  const sfn = new SFNClient(cloud.clientOptions);
  await sfn.send(
    new SendTaskSuccessCommand({ taskToken: event.task_token, output: JSON.stringify(yes(event)) }),
  );
  sfn.destroy();
  return { statusCode: 200, requestId: 'answered', executedVersion: '$LATEST', payload: 'null' };
}
