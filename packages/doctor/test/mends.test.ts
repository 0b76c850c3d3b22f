import { expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@statebag/contracts';
import { isJsonObject } from '@statebag/contracts';
import { mended } from '../src/changed-lines.ts';
import { type Diagnosis, diagnose } from '../src/diagnose.ts';
import { readHistory } from '../src/history.ts';
import type { Mend } from '../src/rule.ts';
import { play } from './play.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

async function look(name: string, scenario: Scenario): Promise<Diagnosis> {
  const { definition, events } = await play(name, scenario);
  const history = readHistory(JSON.parse(JSON.stringify(events)));
  return diagnose({ definition, events: history, now: 0 });
}

/** The definition with the mends in their states, however deep these are. */
function apply(value: Json, mends: readonly Mend[]): Json {
  if (Array.isArray(value)) return value.map((each) => apply(each, mends));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const mend = mends.find(({ state }) => state === name);
      return [name, mend && isJsonObject(inner) ? mended(inner, mend) : apply(inner, mends)];
    }),
  );
}

const asDefinition = (value: Json): JsonObject => (isJsonObject(value) ? value : {});

async function playMended(name: string, choose: (mends: readonly Mend[]) => readonly Mend[]) {
  const scenario = SCENARIOS[name];
  if (!scenario) throw new Error(`there is no scenario ${name}`);
  const before = await look(name, scenario);
  const mends = before.findings.find(({ code }) => code === 'D201')?.mends ?? [];
  const definition = asDefinition(apply(scenario.definition, choose(mends)));
  return { before, definition, after: await look(name, { ...scenario, definition }) };
}

const firstWay = (mends: readonly Mend[]) =>
  mends.filter(({ joined }, index) => index === 0 || joined === true);

test.each(['wall-after-result-path', 'wall-jsonata', 'wall-in-a-parallel'])(
  'a machine that died at the wall goes through with the mend that is printed: %s',
  async (name) => {
    const { before, after } = await playMended(name, firstWay);
    expect(before).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect({ status: after.status, error: after.error }).toEqual({ status: 'SUCCEEDED', error: undefined });
  },
);

test.each(['wall-after-result-path', 'wall-jsonata'])(
  'with the lines of @statebag/offload the function learns which execution calls it: %s',
  async (name) => {
    const { definition } = await playMended(name, (mends) => mends.slice(1, 2));
    const seen: unknown[] = [];
    const scenario = SCENARIOS[name];
    const spied = Object.fromEntries(
      Object.entries(scenario?.functions ?? {}).map(([each, work]) => [
        each,
        (event: { execution_id?: string }) => {
          if (event.execution_id !== undefined) seen.push(event.execution_id);
          return work(event as never);
        },
      ]),
    );
    await play(name, { about: '', expected: [], ...scenario, definition, functions: spied });
    expect(seen).toEqual(['e1']);
  },
);
