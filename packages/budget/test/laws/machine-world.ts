import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Json, JsonObject } from '@statebag/contracts';
import { createStatesEngine, type Functions, openJournal, virtualClock } from '@statebag/states';

const ACCOUNT = '123456789012';
const REGION = 'us-east-1';

/** A function of the machine, as its resource names it. */
export const functionArn = (name: string): string => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;

/** Answers of functions, by their names. */
export type FunctionAnswers = Readonly<Record<string, () => Json>>;

/** Plays one execution of a machine on the states engine, in virtual time, and gives its history. */
export async function playedMachine(
  definition: JsonObject,
  input: Json,
  answers: FunctionAnswers,
): Promise<{ readonly status: string; readonly events: readonly HistoryEvent[] }> {
  const clock = virtualClock(Date.UTC(2026, 0, 1));
  const journal = openJournal(':memory:', { clock });
  const nothing = async (): Promise<never> => {
    throw new Error('a machine of the law calls nothing else');
  };
  const functions: Functions = {
    async invoke({ functionName }) {
      const answer = answers[functionName.replace(/^.*:/, '')];
      if (!answer) throw new Error(`${functionName}: no such function`);
      return {
        statusCode: 200,
        requestId: 'request',
        executedVersion: '$LATEST',
        payload: JSON.stringify(answer()),
      };
    },
  };
  let ended = () => {};
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const engine = createStatesEngine({
    journal,
    clock,
    functions,
    objects: { get: nothing, put: nothing, list: () => noObjects() },
    account: ACCOUNT,
    region: REGION,
    random: () => 0,
    bus: {
      put: async (entries) => {
        if (entries.some(({ Detail }) => JSON.parse(Detail).status !== 'RUNNING')) ended();
        return entries.map((_, index) => ({ EventId: `event-${index}` }));
      },
    },
    items: { call: nothing },
    apis: { refusal: () => undefined, call: nothing },
  });
  const call = async (action: string, asked: object): Promise<Record<string, unknown>> => ({
    ...(await engine.actions[action]?.({ ...asked })),
  });
  try {
    engine.start();
    const roleArn = `arn:aws:iam::${ACCOUNT}:role/machine`;
    const { stateMachineArn } = await call('CreateStateMachine', {
      name: 'm',
      definition: JSON.stringify(definition),
      roleArn,
    });
    const { executionArn } = await call('StartExecution', {
      stateMachineArn,
      name: 'r',
      input: JSON.stringify(input),
    });
    await end;
    const { status } = await call('DescribeExecution', { executionArn });
    const { events } = await call('GetExecutionHistory', {
      executionArn,
      maxResults: 1_000,
      includeExecutionData: true,
    });
    return { status: String(status), events: events as readonly HistoryEvent[] }; // as the API answers
  } finally {
    await engine.close();
    journal.close();
  }
}

async function* noObjects(): AsyncGenerator<never> {
  yield* [];
}
