import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { THRESHOLDS } from '@statebag/contracts/limits';
import type { S3Uri } from '@statebag/contracts/object-keys';
import type { Envelope } from '@statebag/contracts/schemas/state-bag';
import { envelopesIn } from '@statebag/runs/history';
import { byteSizeOf } from '@statebag/state-core';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import { openSession, openStore } from '@statebag/state-core/store/store-session';
import { textOf } from '@statebag/state-core/testing';
import { type Handler, type Step, type StepDeps, type StepLine, stepHandler } from '@statebag/step-kit';
import { compileWorkflow, publishDefinition, readWorkflow } from '@statebag/workflow';
import { firstTurn, type Outside, segmentTurn } from '../src/index.ts';

/** 10 steps, each of which reads 5 KB and writes 5 KB of a state of 20 fields of 5 KB. */
const STEPS = 10;
const FIELD = 5 * 1024;
const BUCKET = 'state';
const IDS = { owner_id: 'acme', workflow_id: 'w', execution_id: 'run-1' };
const NOW = '2026-01-31T12:00:00.000Z';

describe('requests of a run of 10 steps over 100 KB of state', () => {
  test.each([{ cold: false }, { cold: true }])(
    'in one segment, %j: one function, one write and the two reads of its definition',
    async (options) => {
      const { lines, state } = await played(document(), options);
      expect(lines.map(({ s3 }) => [s3.puts, s3.gets])).toEqual([[1, 2]]);
      expect(Object.keys(state)).toHaveLength(20);
      expect(state['f3']).toBe(`3${textOf(FIELD, 13).slice(1)}`);
    },
  );

  test('what the run began with lies in the same object, each value once', async () => {
    const { envelopes, process, input } = await played(document(), {});
    const [after, before] = envelopesIn(JSON.stringify(envelopes[0]));
    if (!after || !before) throw new Error('there are two envelopes in the first one');
    expect(before).toMatchObject({ next_action: 'STARTED', state_data: { loop_counter: 0 } });
    const bag = { bucket: BUCKET, ...before.state_data };
    expect(await openSession(process, bag).hydrator.fields(before.state_data, 'all')).toEqual(input);
    expect(before.state_data.state_s3_path).toBe(after.state_data.state_s3_path);
    const pack = await process.store.get(after.state_data.state_s3_path as S3Uri);
    expect(pack.body.length).toBeLessThan(31 * FIELD);
  });

  test('in ten segments: at most 1.2 writes a segment, and bags of less than 6 KB besides their history', async () => {
    const { lines, envelopes, state } = await played(document({ inSegments: true }), { cold: true });
    const puts = lines.reduce((sum, { s3 }) => sum + s3.puts, 0);
    expect(lines).toHaveLength(STEPS + 1);
    expect(puts).toBeLessThanOrEqual(1.2 * (STEPS + 1));
    expect(
      Math.max(...envelopes.map(({ state_data: { state_history: _history, ...bag } }) => byteSizeOf(bag))),
    ).toBeLessThan(6_000);
    expect(state['f3']).toBe(`3${textOf(FIELD, 13).slice(1)}`);
  });
});

function document({ inSegments = false } = {}): JsonObject {
  const nodes = Array.from({ length: STEPS }, (_, step) => [
    {
      id: `step${step}`,
      type: 'data_transform',
      output_key: `f${step}`,
      config: { transform: `{% '${step}' & $substring(f${step + 10}, 1) %}` },
    },
    ...(inSegments ? [{ id: `pause${step}`, type: 'wait', config: { seconds: 1 } }] : []),
  ]);
  return { name: 'w', nodes: nodes.flat() };
}

/** Plays a run on the real functions, each in a process of its own, in the order of the state machine. */
async function played(source: JsonObject, { cold = false }) {
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(source), { file: 'w.json' });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  const compiled = compileWorkflow(workflow);
  const store = new MemoryObjectStore();
  await publishDefinition(compiled, { bucket: BUCKET, owner_id: IDS.owner_id as never }, store);
  const lines: StepLine[] = [];
  const fn = (step: Step<unknown>): Handler => {
    let handler = stepHandler(step, depsOver(store, lines));
    return (event, context) => {
      if (cold) handler = stepHandler(step, depsOver(store, lines));
      return handler(JSON.parse(JSON.stringify(event)), context);
    };
  };
  const [first, turn] = [fn(firstTurn(NO_OUTSIDE)), fn(segmentTurn(NO_OUTSIDE))];
  const input = Object.fromEntries(
    Array.from({ length: 20 }, (_, field) => [`f${field}`, textOf(FIELD, field)]),
  );
  const start = { schema_version: 3, ...IDS, definition_id: compiled.definition_id, input };
  const begin = { action: 'init', start, now: NOW, retry_count: 0 };
  let envelope = (await first(begin, CONTEXT)) as Envelope;
  const envelopes = [envelope];
  while (['STARTED', 'CONTINUE', 'WAIT'].includes(envelope.next_action)) {
    const { state_data } = envelope;
    const event = { schema_version: 3, state_data, now: NOW, retry_count: 0 };
    envelope = (await turn(event, CONTEXT)) as Envelope;
    envelopes.push(envelope);
  }
  expect(envelope.next_action).toBe('COMPLETE');
  const process = openStore(store);
  const { hydrator } = openSession(process, { bucket: BUCKET, ...envelope.state_data });
  const state = await hydrator.fields(envelope.state_data, 'all');
  return { lines, envelopes, state, process, input };
}

const CONTEXT = { getRemainingTimeInMillis: () => 600_000 };
const NO_OUTSIDE = {} as Outside; // the workflow calls nothing

function depsOver(store: MemoryObjectStore, lines: StepLine[]): StepDeps {
  return {
    config: { bucket: BUCKET, functionName: 'test', thresholds: THRESHOLDS },
    process: openStore(store),
    log: { event: () => undefined, line: (line) => void lines.push(line) },
    clock: () => 0,
  };
}
