import { describe, expect, test } from '@jest/globals';
import { StatebagError, type Validator } from '@statebag/contracts';
import { BUDGET, THRESHOLDS } from '@statebag/contracts/limits';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import { openStore } from '@statebag/state-core/store/store-session';
import type { StepDeps } from './open-deps.ts';
import { type PlainStep, plainStep } from './step.ts';
import { stepHandler } from './step-handler.ts';
import type { StepLine } from './step-line.ts';
import type { LogEvent } from './step-log.ts';

interface Event {
  readonly name: string;
}

const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };

/** A step that records whether it ran, its log, and what it answers. */
function aStep(changes: Partial<PlainStep<Event, unknown>> = {}) {
  const ran: string[] = [];
  const [lines, events]: [StepLine[], LogEvent[]] = [[], []];
  const validator: Validator = Object.assign((value: unknown) => typeof (value as Event).name === 'string', {
    errors: [{ instancePath: '/name', message: 'must be string' }],
  });
  const step = plainStep<Event, unknown>({
    event: validator,
    facts: () => ({
      execution_id: 'run-1',
      action: 'test',
      segment_id: null,
      branch_path: '',
      loop_counter: 0,
    }),
    run({ name }, { tally }) {
      ran.push(name);
      tally.bag_bytes = 100_000;
      return `${name}!`;
    },
    ...changes,
  });
  const config = { bucket: 'state', functionName: 'f', thresholds: THRESHOLDS };
  const log = {
    line: (line: StepLine) => void lines.push(line),
    event: (_level: string, event: LogEvent) => void events.push(event),
  };
  const deps: StepDeps = { config, process: openStore(new MemoryObjectStore()), log, clock: () => 0 };
  return { handler: stepHandler(step, deps), ran, lines, events };
}

describe('a step', () => {
  test('runs, and prints one line of ids, counts and sizes', async () => {
    const { handler, ran, lines, events } = aStep();
    expect(await handler({ name: 'secret' }, CONTEXT)).toBe('secret!');
    expect(ran).toEqual(['secret']);
    expect(lines).toEqual([
      expect.objectContaining({
        statebag: 'step',
        function: 'f',
        execution_id: 'run-1',
        action: 'test',
        outcome: 'ok',
        event_bytes: 17,
        reply_bytes: 9,
        bag_bytes: 100_000,
      }),
    ]);
    expect(JSON.stringify([lines, events])).not.toContain('secret');
    expect(events).toEqual([
      { event: 'bag_near_budget', execution_id: 'run-1', bag_bytes: 100_000, budget: BUDGET.bag },
    ]);
  });

  test('counts a reply’s bag as it was sealed, with what stands beside it', async () => {
    const reply = { next_action: 'CONTINUE', state_data: { text: 'é"' }, request: null };
    const bag_bytes = Buffer.byteLength(JSON.stringify(reply.state_data));
    const { handler, lines } = aStep({
      run(_event, { tally }) {
        tally.bag_bytes = bag_bytes;
        return reply;
      },
    });
    await handler({ name: 'secret' }, CONTEXT);
    expect(lines[0]?.reply_bytes).toBe(Buffer.byteLength(JSON.stringify(reply)));
  });

  test('answers a probe with its name and version before anything is looked at, and takes nothing else for one', async () => {
    const { handler, ran, lines } = aStep();
    const context = { ...CONTEXT, functionName: 'f', functionVersion: '7' };
    expect(await handler({ module_check: true }, context)).toEqual({
      ok: true,
      function: 'f',
      version: '7',
    });
    expect([ran, lines]).toEqual([[], []]);
    await expect(handler({ module_check: true, name: 1 }, context)).rejects.toMatchObject({
      name: 'Contract.EventRejected',
    });
  });

  test('tells how often its task and the segment before it were tried', async () => {
    const { handler, lines } = aStep();
    await handler({ name: 'a', retry_count: 2, execution_result: { retry_count: 1 } }, CONTEXT);
    expect(lines).toEqual([expect.objectContaining({ retries: 3 })]);
  });

  test('rejects an event at the door: nothing is read', async () => {
    const { handler, ran } = aStep();
    await expect(handler({ name: 1 }, CONTEXT)).rejects.toMatchObject({
      name: 'Contract.EventRejected',
      message: 'event/name must be string',
    });
    expect(ran).toEqual([]);
  });

  test('names a bag inside a bag for what it is', async () => {
    await expect(aStep().handler({ state_data: { state_data: {} } }, CONTEXT)).rejects.toMatchObject({
      name: 'Bag.Nested',
    });
  });

  test('lets an error out with its name, within its size, and counts it', async () => {
    const { handler, lines, events } = aStep({
      run: () => {
        throw new StatebagError('Reducer.TypeMismatch', 'x'.repeat(100_000));
      },
    });
    const error = await handler({ name: 'a' }, CONTEXT).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ name: 'Reducer.TypeMismatch' });
    expect(Buffer.byteLength((error as Error).message)).toBeLessThan(BUDGET.cause);
    expect(lines).toEqual([expect.objectContaining({ outcome: 'Reducer.TypeMismatch', reply_bytes: 0 })]);
    expect(events).toEqual([
      { event: 'step_failed', execution_id: 'run-1', error: 'Reducer.TypeMismatch', in_catalogue: true },
    ]);
  });

  test('knows how long it may still take', async () => {
    let remaining = 0;
    const { handler } = aStep({
      run: (_event, { deadline }) => {
        remaining = deadline.remainingMs();
        return '';
      },
    });
    await handler({ name: 'a' }, CONTEXT);
    expect(remaining).toBe(57_000);
  });
});
