import { SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { Answer, StoreTaskTokenEvent } from '@statebag/contracts';
import type { LocalCloud, LocalCloudOptions } from '@statebag/local-cloud';

type Functions = NonNullable<LocalCloudOptions['taskFunctions']>;

/** Stands between Step Functions and the deployed functions: whoever asks a person is told "approve" at once, every other call goes through. */
export async function answerApprovals(invocation: Parameters<Functions['invoke']>[0], cloud: LocalCloud): ReturnType<Functions['invoke']> {
  if (!invocation.functionName.includes('storeTaskToken')) return cloud.functions.invoke(invocation);
  const event: StoreTaskTokenEvent = JSON.parse(invocation.payload);
  const sfn = new SFNClient(cloud.clientOptions);
  await sfn.send(new SendTaskSuccessCommand({ taskToken: event.task_token, output: JSON.stringify(approvalOf(event)) }));
  sfn.destroy();
  return { statusCode: 200, requestId: 'answered', executedVersion: '$LATEST', payload: 'null' };
}

/** The answer to the pause that the event belongs to: its result came one turn before. */
function approvalOf({ execution_id, branch_path, segment_id, loop_counter, request }: StoreTaskTokenEvent): Answer {
  const result_id = { execution_id, branch_path, segment_id, loop_counter: loop_counter - 1 };
  return { result_id, field: request.field, status: 'CONTINUE', value: { choice: 'approve' } };
}
