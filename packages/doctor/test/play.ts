import { ApiError, createStatesEngine, openJournal, type StatesEngine, virtualClock } from '@statebag/states';
import type { Scenario } from './scenarios.ts';

/** Plays one scenario to its end. */
export async function play(name: string, scenario: Scenario) {
  const journal = openJournal(':memory:');
  const engine = engineFor(scenario, journal);
  engine.start();
  for (const [child, definition] of Object.entries(scenario.machines ?? {}))
    await create(engine, child, definition);
  const machine = await create(engine, name, scenario.definition);
  const { executionArn } = await call(engine, 'StartExecution', {
    stateMachineArn: machine,
    name: 'e1',
    input: JSON.stringify(scenario.input ?? {}),
  });
  await ended(engine, executionArn, scenario.stopsAfter);
  const events = await historyOf(engine, executionArn, scenario.includeExecutionData);
  await engine.close();
  journal.close();
  return {
    definition: scenario.definition,
    events: scenario.withoutEvents ? events.slice(scenario.withoutEvents) : events,
  };
}

function engineFor(
  { functions = {}, taken = [] }: Scenario,
  journal: ReturnType<typeof openJournal>,
): StatesEngine {
  const objects = { get: unused, put: unused, list: unused } as never; // no scenario reads S3
  return createStatesEngine({
    journal,
    clock: virtualClock(Date.UTC(2026, 8, 1, 6)),
    objects,
    account: '111111111111',
    region: 'eu-west-1',
    random: () => 0.5,
    items: { call: unused },
    apis: { call: unused, refusal: () => 'no scenario calls it' },
    bus: { put: async (entries) => entries.map((_, index) => ({ EventId: `${index}` })) },
    functions: {
      async invoke({ functionName, payload }) {
        const work = functions[functionName];
        if (!work)
          throw new ApiError('ResourceNotFoundException', `Function not found: ${functionName}`, {
            status: 404,
          });
        const head = { statusCode: 200, requestId: '6b2d', executedVersion: '$LATEST' } as const;
        if (taken.includes(functionName)) return { ...head, payload: 'null' };
        try {
          return { ...head, payload: JSON.stringify(work(JSON.parse(payload) as never)) };
        } catch (error) {
          if (!(error instanceof Error) || error instanceof ApiError) throw error;
          const failure = { errorType: error.name, errorMessage: error.message, trace: [] };
          return { ...head, payload: JSON.stringify(failure), functionError: 'Unhandled' };
        }
      },
    },
  });
}

async function unused(): Promise<never> {
  throw new Error('no scenario calls this');
}

async function call(engine: StatesEngine, action: string, input: object): Promise<Record<string, never>> {
  const answer = await engine.actions[action]?.({ ...input });
  return answer as Record<string, never>; // the answers of the API, by the names that are asked for here
}

async function create(engine: StatesEngine, name: string, definition: object): Promise<string> {
  const made = await call(engine, 'CreateStateMachine', {
    name,
    definition: JSON.stringify(definition),
    roleArn: 'arn:aws:iam::111111111111:role/machine',
  });
  return String(made['stateMachineArn']);
}

/** Waits for the end; `stopsAfter` turns of the event loop for one that has none. */
async function ended(
  engine: StatesEngine,
  executionArn: string | undefined,
  stopsAfter = 10_000_000,
): Promise<void> {
  for (let turns = 0; turns < stopsAfter; turns += 1) {
    const { status } = await call(engine, 'DescribeExecution', { executionArn });
    if (status !== 'RUNNING') return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function historyOf(
  engine: StatesEngine,
  executionArn: string | undefined,
  includeExecutionData = true,
) {
  const events: object[] = [];
  let nextToken: string | undefined;
  do {
    const page: Record<string, unknown> = await call(engine, 'GetExecutionHistory', {
      executionArn,
      maxResults: 1000,
      includeExecutionData,
      ...(nextToken !== undefined && { nextToken }),
    });
    if (Array.isArray(page['events'])) events.push(...page['events']);
    nextToken = page['nextToken'] === undefined ? undefined : String(page['nextToken']);
  } while (nextToken !== undefined);
  return events;
}
