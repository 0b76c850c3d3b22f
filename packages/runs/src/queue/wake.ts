import { answerOf } from '../aws-failure.ts';

/**
 * Calls the dispatcher of waiting starts, and does not wait for what it does. The client comes with the first
 * call: a process that never has to wake it does not load it.
 * @throws `Store.Unavailable`, `Store.AccessDenied`
 */
export function wakerOf(dispatcher: string): () => Promise<void> {
  return async () => {
    const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
    const lambda = new LambdaClient({});
    try {
      const FunctionName = dispatcher;
      await answerOf(dispatcher, () =>
        lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: '{}' })),
      );
    } finally {
      lambda.destroy();
    }
  };
}
