import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { changedLines } from '../src/changed-lines.ts';
import { readMachine } from '../src/definition.ts';
import { type Diagnosis, diagnose } from '../src/diagnose.ts';
import { readHistory } from '../src/history.ts';
import { DOCTOR_REPORT } from '../src/report-schema.ts';
import { SCENARIOS } from './scenarios.ts';

const FOLDER = join(import.meta.dirname, 'histories');
const FILES = readdirSync(FOLDER).map((file) => file.replace(/\.json(\.gz)?$/, ''));

function load(name: string) {
  const file = readdirSync(FOLDER).find((each) => each.startsWith(`${name}.json`)) ?? name;
  const bytes = readFileSync(join(FOLDER, file));
  return JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString());
}

const seen = new Map<string, Diagnosis>();

function look(name: string): Diagnosis {
  const known = seen.get(name);
  if (known) return known;
  const { definition, events } = load(name);
  const diagnosis = diagnose({ definition, events: readHistory(events), now: Date.UTC(2026, 8, 3) });
  seen.set(name, diagnosis);
  return diagnosis;
}

const about = (diagnosis: Diagnosis, code: string) =>
  diagnosis.findings.find((finding) => finding.code === code) ?? { message: '', mends: [] };

const expected = (name: string): readonly string[] => SCENARIOS[name]?.expected ?? ['no such scenario'];

const isReport = new Ajv({ allErrors: true }).compile(DOCTOR_REPORT);

test.each(FILES)('%s: what is found has the form that is documented', (name) => {
  const report = { version: 1, looked: [{ name, ...look(name) }], machines: [] };
  expect({ valid: isReport(JSON.parse(JSON.stringify(report))), errors: isReport.errors }).toEqual({
    valid: true,
    errors: null,
  });
});

test('there are twenty and more', () => expect(FILES.length).toBeGreaterThanOrEqual(20));

test.each(FILES)('%s: the rules find what it is about', (name) => {
  const { findings } = look(name);
  expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining([...expected(name)]));
});

test('finds no error and nothing to warn of in a healthy execution', () => {
  expect(look('healthy').findings.filter(({ level }) => level !== 'note')).toEqual([]);
});

describe('a death at the wall', () => {
  test('names the state, both sizes, the paths that take most, and why no Catch took it', () => {
    const diagnosis = look('wall-after-result-path');
    expect(diagnosis).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
      diedIn: 'Review',
    });
    const { message } = about(diagnosis, 'D201');
    expect(message).toMatch(/its call succeeded with 1\d\d,\d{3} bytes/);
    expect(message).toMatch(/together 2\d\d,\d{3} bytes, 1\d\d % of the limit/);
    expect(message).toMatch(/No Catch takes this/);
    expect(diagnosis.largest?.paths[0]).toMatchObject({
      path: expect.stringMatching(/remarks\[\*\]\.text$/),
      values: 30,
    });
  });

  test('is mended by what the state hands on, and the paths of later states stay', () => {
    const [mend] = about(look('wall-after-result-path'), 'D201').mends ?? [];
    const { definition } = load('wall-after-result-path');
    expect(mend && changedLines(mend, readMachine(definition))).toEqual([
      '  "Review": {',
      '+   "ResultSelector": {"Payload":{"status.$":"$.Payload.status"}},',
      '  }',
    ]);
  });

  test('at the reply of a call says which Catch takes it', () => {
    const { message } = about(look('wall-at-the-reply'), 'D201');
    expect(message).toMatch(/reply of its call was too large/);
    expect(message).toMatch(
      /Only a Catch for States.DataLimitExceeded or States.ALL .* its Catch for States.TaskFailed does not match/,
    );
  });

  test('in a Map names the setting of the Map', () => {
    const mends = about(look('wall-in-a-map'), 'D201').mends ?? [];
    expect(mends.map(({ set }) => Object.keys(set ?? {}))).toContainEqual(['ItemProcessor', 'ResultWriter']);
  });

  test('in JSONata is known without its data flow', () => {
    expect(look('wall-jsonata')).toMatchObject({ diedIn: 'Translate', error: 'States.DataLimitExceeded' });
  });
});

test('a loop that fills the history is named with its turns and its room', () => {
  const { loops, events } = look('loop-fills-the-history');
  expect(events).toBe(25_000);
  expect(loops[0]).toMatchObject({ states: ['Ask', 'Done?', 'Rest'], map: undefined });
  expect(loops[0]?.mostTurns).toBeGreaterThanOrEqual((loops[0]?.turns ?? 0) - 1);
});

test('the items of a Map are told apart from loops of the machine', () => {
  expect(look('map-fills-the-history').loops[0]).toMatchObject({ map: 'Each' });
});

test('says what cannot be known', () => {
  expect(look('data-not-recorded').unknown.join('\n')).toMatch(/includeExecutionData is off/);
  expect(look('page-lost').unknown.join('\n')).toMatch(/a page of the history is missing/);
  const { events } = load('healthy');
  const bare = diagnose({ events: readHistory(events), now: 0 });
  expect(bare.unknown.join('\n')).toMatch(/the definition is not at hand/);
});

test('costs stand by state: one transition for each entry and each retry', () => {
  expect(look('retries-in-vain').states).toMatchObject([
    { state: 'Charge', visits: 1, retries: 3, transitions: 4, usd: 0.0001 },
  ]);
});

test('reads events as CloudWatch has them', () => {
  const events = load('retries-in-vain').events.map(
    ({ id, type, previousEventId, timestamp, ...details }: Record<string, unknown>) => ({
      id: String(id),
      type,
      details: Object.values(details)[0] ?? {},
      previous_event_id: String(previousEventId),
      event_timestamp: String(Number(timestamp) * 1000),
    }),
  );
  const { definition } = load('retries-in-vain');
  expect(diagnose({ definition, events: readHistory(events), now: 0 })).toEqual(
    diagnose({ definition, events: readHistory(load('retries-in-vain').events), now: 0 }),
  );
});
