import { setTimeout as pause } from 'node:timers/promises';
import {
  DescribeStateMachineForExecutionCommand,
  type HistoryEvent,
  SendTaskSuccessCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isJsonObject, type JsonObject } from '@statebag/contracts';
import { CLOCK_FIELDS } from '@statebag/contracts/control-fields';
import type { StoreTaskTokenEvent } from '@statebag/contracts/schemas/events';
import type { HistoryEntry } from '@statebag/contracts/schemas/history';
import { virtualClock } from '@statebag/local-cloud/testing';
import { legacyIds } from '@statebag/state-core/legacy';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { openSession, openStore } from '@statebag/state-core/store/store-session';
import { type AppOptions, DeployedTestApp, statesEntered, transform } from './deployed-app.ts';
import { type EndedLegacyRun, endLegacy, legacyStart, legacyState, startLegacy } from './legacy-app.ts';

/** Time stands still until it is let go: a run that waits does not end before it was deployed beside it. */
const clock = virtualClock();
let release: () => void = () => undefined;

/** Who asked, which version ran for whom, and calls that have begun and give no answer yet. */
const asked: StoreTaskTokenEvent[] = [];
const invoked: { readonly execution: string; readonly version: string }[] = [];
let slow = Promise.withResolvers<void>();
let underWay = 0;

const between: AppOptions['between'] = async (invocation, invoke) => {
  const event: JsonObject = JSON.parse(invocation.payload);
  const bag = isJsonObject(event['state_data']) ? event['state_data'] : event;
  invoked.push({ execution: String(bag['execution_id']), version: invocation.functionName });
  if (invocation.functionName.includes('storeTaskToken')) {
    asked.push(event as unknown as StoreTaskTokenEvent); // what the machine sends
    return { statusCode: 200, requestId: 'kept', executedVersion: '1', payload: 'null' };
  }
  if (!isSlow(invocation.functionName, bag)) return invoke(invocation);
  underWay += 1;
  const held = slow;
  const answer = await invoke(invocation);
  await held.promise;
  return answer;
};

/** A segment that begins with the node `slow`, and the worker of an asynchronous call. */
function isSlow(functionName: string, bag: JsonObject): boolean {
  if (functionName.includes('asyncLlmHandler')) return true;
  return functionName.includes('executeSegment') && String(bag['segment_to_run']).endsWith('-slow');
}

const ask: JsonObject = {
  id: 'ask',
  type: 'human_approval',
  output_key: 'decision',
  config: { message: 'Go on?' },
};
const minute: JsonObject = { id: 'minute', type: 'wait', config: { seconds: 60 } };
const call: JsonObject = {
  id: 'slow',
  type: 'llm_chat',
  output_key: 'thought',
  config: { prompt: 'Think of {{ subject }}.' },
};
const inWorker: JsonObject = {
  id: 'worker',
  type: 'llm_chat',
  output_key: 'thought',
  config: { prompt: 'Think of {{ subject }}.', async: true },
};
const said = transform('said', "{% subject & ': ' & decision.choice %}");
const length = transform('length', '{% $length(thought) %}');
const after = transform('after', '{% $uppercase(subject) %}');

const GROUP: JsonObject = {
  id: 'group',
  type: 'parallel_group',
  config: {
    branches: [
      { nodes: [ask, said] },
      { nodes: [call, minute, length] },
      { nodes: [minute, after].map((node) => ({ ...node, id: `${node['id']}3` })) },
    ],
  },
};

interface Waiting {
  readonly nodes: readonly JsonObject[];
  readonly questions?: number;
  readonly calls?: number;
  readonly waits?: number;
}

/**
 * What a run waits for while the deployment takes place. The second branch of the group goes on in a child
 * that begins only after it.
 */
const WAITING: Readonly<Record<string, Waiting>> = {
  'a person': { nodes: [ask, said], questions: 1 },
  'a time': { nodes: [transform('before', '{% 1 + 1 %}'), minute, after], waits: 1 },
  'a slow call': { nodes: [call, length], calls: 1 },
  'a worker of its own': { nodes: [inWorker, length], calls: 1 },
  'all of that in the branches of a group': {
    nodes: [GROUP, transform('sum', "{% said & ' ' & length & ' ' & after3 %}")],
    questions: 1,
    calls: 1,
  },
};

function documentOf({ nodes }: Waiting): JsonObject {
  return {
    name: 'waiting',
    initial_state: { subject: 'bags' },
    options: { llm_per_segment: 1 },
    nodes: [...nodes],
  };
}

let app: DeployedTestApp;
beforeAll(async () => {
  app = await DeployedTestApp.open({ between, clock });
}, 120_000);
afterAll(async () => {
  release();
  await app.close();
});

/** Starts every run and lets it come to where it waits. */
async function waiting(): Promise<ReadonlyMap<string, string>> {
  release = clock.hold();
  slow = Promise.withResolvers();
  underWay = 0;
  asked.length = 0;
  const arns = new Map<string, string>();
  for (const [what, each] of Object.entries(WAITING))
    arns.set(what, await startLegacy(app, await legacyStart(app, documentOf(each))));
  const [questions, calls] = [total(({ questions = 0 }) => questions), total(({ calls = 0 }) => calls)];
  await until(async () => asked.length === questions && underWay === calls);
  await until(async () => statesEntered(await app.history(arns.get('a time') ?? '')).at(-1) === 'WaitUntil');
  return arns;
}

function total(pick: (waiting: Waiting) => number): number {
  return Object.values(WAITING).reduce((sum, each) => sum + pick(each), 0);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const stuckAt = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > stuckAt) throw new Error(`${asked.length} asked, ${underWay} calls under way`);
    await pause(10);
  }
}

interface Seen {
  readonly ended: EndedLegacyRun;
  readonly state: JsonObject;
  readonly history: readonly JsonObject[];
  readonly entered: readonly string[];
  readonly members: readonly string[];
}

/** Answers everything and sees what the runs have come to. */
async function answered(arns: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, Seen>> {
  for (const { task_token } of asked)
    await app.sfn.send(new SendTaskSuccessCommand({ taskToken: task_token, output: '{"choice":"approve"}' }));
  slow.resolve();
  release();
  const seen = new Map<string, Seen>();
  for (const [what, arn] of arns) seen.set(what, await seenOf(await endLegacy(app, arn)));
  return seen;
}

async function seenOf(ended: EndedLegacyRun): Promise<Seen> {
  const events = await app.history(ended.executionArn);
  return {
    ended,
    state: await legacyState(app, ended.bag),
    history: await historyOf(ended.bag),
    // branches take turns as they like
    entered: inMap(events) ? statesEntered(events).toSorted() : statesEntered(events),
    members: Object.keys(ended.bag).sort(),
  };
}

function inMap(events: readonly HistoryEvent[]): boolean {
  return events.some(({ type }) => type === 'MapIterationStarted');
}

/** Lines without what tells one run from another. */
async function historyOf(bag: JsonObject): Promise<JsonObject[]> {
  const { hydrator } = openSession(openStore(s3ObjectStore(app.s3)), {
    bucket: 'statebag-test',
    ...legacyIds(bag),
  });
  // what the bag holds
  const lines = await hydrator.history(bag['state_history'] as unknown as HistoryEntry[]);
  // a line is JSON
  return lines.map(
    (line) =>
      Object.fromEntries(
        Object.entries(line).filter(([name]) => name !== 'id' && !CLOCK_FIELDS.has(name)),
      ) as unknown as JsonObject,
  );
}

async function definitionOf(executionArn: string): Promise<string> {
  const { definition = '' } = await app.sfn.send(
    new DescribeStateMachineForExecutionCommand({ executionArn }),
  );
  return definition;
}

/** Versions of functions that ran for an execution since then, as the definition names them. */
function versionsSince(from: number, execution: unknown): string[] {
  return invoked.slice(from).flatMap((each) => (each.execution === execution ? [each.version] : []));
}

describe('a deployment of v3 beside runs of the first generation', () => {
  let undisturbed: ReadonlyMap<string, Seen>;
  let disturbed: ReadonlyMap<string, Seen>;
  const definitions: { before: string[]; after: string[] } = { before: [], after: [] };
  let deployedAt = 0;
  let versions: string[] = [];

  beforeAll(async () => {
    undisturbed = await answered(await waiting());
    const arns = await waiting();
    versions = [await app.newestVersion()];
    definitions.before = await Promise.all([...arns.values()].map(definitionOf));
    await app.redeploy({ stateThresholds: '{"continueAsNewEvents":61}', httpAllowedHosts: 'one.example' });
    versions.push(await app.newestVersion());
    deployedAt = invoked.length;
    disturbed = await answered(arns);
    definitions.after = await Promise.all([...arns.values()].map(definitionOf));
  }, 300_000);

  test('takes place: v3 and the code of both generations are others than before', async () => {
    expect(versions[1]).not.toBe(versions[0]);
    const next = await startLegacy(app, await legacyStart(app, documentOf({ nodes: [after] })));
    expect(await definitionOf(next)).not.toBe(definitions.before[0]);
  });

  test.each(Object.keys(WAITING))(
    'leaves a run that waits for %s its state, its history and its steps',
    (what) => {
      const [left, right] = [undisturbed.get(what), disturbed.get(what)];
      expect([right?.ended.status, right?.ended.cause]).toEqual(['SUCCEEDED', '']);
      expect(right?.state).toEqual(left?.state);
      expect(right?.history).toEqual(left?.history);
      expect(right?.history.length).toBeGreaterThan(0);
      expect(right?.entered).toEqual(left?.entered);
      expect(right?.members).toEqual(left?.members);
    },
  );

  test('leaves them their definition, and the versions of functions that it names', () => {
    expect(definitions.after).toEqual(definitions.before);
    const own = Object.keys(WAITING).filter((what) => !what.includes('group'));
    const ran = own.flatMap((what) =>
      versionsSince(deployedAt, disturbed.get(what)?.ended.bag['execution_id']),
    );
    expect(ran.length).toBeGreaterThan(own.length);
    expect(ran.filter((version) => !definitions.before[0]?.includes(`"${version}"`))).toEqual([]);
  });

  test('changes nothing for a start on the first generation after it', async () => {
    const seen = await answered(await waiting());
    for (const [what, { ended, state, history, entered, members }] of seen) {
      const left = undisturbed.get(what);
      expect([what, ended.status, ended.cause, state, history, entered, members]).toEqual([
        ...[what, 'SUCCEEDED', '', left?.state, left?.history, left?.entered, left?.members],
      ]);
    }
  }, 120_000);
});
