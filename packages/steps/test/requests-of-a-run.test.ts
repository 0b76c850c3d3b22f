import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { THRESHOLDS } from '@statebag/contracts/limits';
import type { Envelope } from '@statebag/contracts/schemas/state-bag';
import { byteSizeOf } from '@statebag/state-core';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import { openSession, openStore } from '@statebag/state-core/store/store-session';
import { textOf } from '@statebag/state-core/testing';
import { type Handler, type Step, type StepDeps, type StepLine, stepHandler } from '@statebag/step-kit';
import { compileWorkflow, publishDefinition, readWorkflow } from '@statebag/workflow';
import { initializeStateData, type Outside, segmentTurn } from '../src/index.ts';

/** 10 steps, each of which reads 5 KB and writes 5 KB of a state of 20 fields of 5 KB. */
const STEPS = 10;
const FIELD = 5 * 1024;
const BUCKET = 'state';
const IDS = { owner_id: 'acme', workflow_id: 'w', execution_id: 'run-1' };
const NOW = '2026-01-31T12:00:00.000Z';

describe('requests of a run of 10 steps over 100 KB of state', () => {
  test('in one segment: one write and at most two reads a function, of which there are two', async () => {
    const { lines, state } = await played(document(), {});
    expect(lines.map(({ s3 }) => [s3.puts, s3.gets])).toEqual([
      [1, 1],
      [1, 2],
    ]);
    expect(Object.keys(state)).toHaveLength(20);
    expect(state['f3']).toBe(`3${textOf(FIELD, 13).slice(1)}`);
  });

  test('in one segment, where every function is cold: the same, and the definition', async () => {
    const { lines } = await played(document(), { cold: true });
    expect(lines.map(({ s3 }) => [s3.puts, s3.gets])).toEqual([
      [1, 1],
      [1, 2],
    ]);
  });

  test('in ten segments: at most 1.2 writes a segment, and bags of less than 6 KB besides their history', async () => {
    const { lines, bags, state } = await played(document({ inSegments: true }), { cold: true });
    const puts = lines.reduce((sum, { s3 }) => sum + s3.puts, 0);
    expect(lines).toHaveLength(1 + STEPS + 1);
    expect(puts).toBeLessThanOrEqual(1.2 * (STEPS + 1));
    expect(Math.max(...bags.map(({ state_history: _history, ...bag }) => byteSizeOf(bag)))).toBeLessThan(
      6_000,
    );
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
  const [init, turn] = [fn(initializeStateData), fn(segmentTurn(NO_OUTSIDE))];
  const input = Object.fromEntries(
    Array.from({ length: 20 }, (_, field) => [`f${field}`, textOf(FIELD, field)]),
  );
  const start = { schema_version: 3, ...IDS, definition_id: compiled.definition_id, input };
  let envelope = (await init({ action: 'init', start, now: NOW }, CONTEXT)) as Envelope;
  const bags = [envelope.state_data];
  while (['STARTED', 'CONTINUE', 'WAIT'].includes(envelope.next_action)) {
    const { state_data } = envelope;
    const event = { schema_version: 3, state_data, now: NOW, retry_count: 0 };
    envelope = (await turn(event, CONTEXT)) as Envelope;
    bags.push(envelope.state_data);
  }
  expect(envelope.next_action).toBe('COMPLETE');
  const { hydrator } = openSession(openStore(store), { bucket: BUCKET, ...envelope.state_data });
  return { lines, bags, state: await hydrator.fields(envelope.state_data, 'all') };
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
