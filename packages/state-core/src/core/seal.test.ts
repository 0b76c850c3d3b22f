import { describe, expect, test } from '@jest/globals';
import type { Json } from '@statebag/contracts';
import { CONTROL_FIELDS } from '@statebag/contracts/control-fields';
import { BUDGET } from '@statebag/contracts/limits';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { aBag, aRun } from '../../test/build.ts';
import { byteSizeOf } from './canonical-json.ts';
import { budgetBefore, measured, seal } from './seal.ts';

/** A bag that takes exactly so many bytes once it is sealed. */
async function bagOf(bytes: number): Promise<StateBag> {
  const bag = await aBag({}, aRun());
  const base = byteSizeOf({ ...bag, current_state: { x: '' } });
  const digits = String(Math.ceil(bytes / 1_024)).length - 1;
  return { ...bag, current_state: { x: 'y'.repeat(bytes - base - digits) } };
}

describe('sealing', () => {
  test.each([-1, 0])('takes a bag at the budget %i byte', async (over) => {
    const { bagBytes, envelope } = seal(await bagOf(BUDGET.bag + over), BUDGET.bag);
    expect(bagBytes).toBe(BUDGET.bag + over);
    expect(byteSizeOf(envelope.state_data)).toBe(bagBytes);
  });

  test('refuses one byte more and names what is largest', async () => {
    const bag = await bagOf(BUDGET.bag + 1);
    expect(() => seal(bag, BUDGET.bag)).toThrow(
      expect.objectContaining({
        name: 'Bag.BudgetExceeded',
        message: expect.stringMatching(
          /takes 122881 bytes .* largest: current_state 12\d{4}(, [a-z_]+ \d+){4}$/,
        ),
        details: {
          bag_bytes: BUDGET.bag + 1,
          budget: BUDGET.bag,
          largest: Array.from({ length: 5 }, () => expect.any(String)),
        },
      }),
    );
  });

  test.each(Array.from({ length: 8 }, (_, index) => index - 4))(
    'never writes a size in KB that is under the bytes: %i byte over 10 KB',
    async (over) => {
      const bag = await bagOf(10_240 + over);
      const { envelope, bagBytes } = seal(bag, BUDGET.bag);
      expect(envelope.state_data.payload_size_kb * 1_024).toBeGreaterThanOrEqual(bagBytes);
    },
  );

  test.each([100, 1_024, 9_000, 10_240, 100_000])(
    'writes the size in KB, rounded up, around %i bytes',
    async (extra) => {
      const { envelope, bagBytes, controlBytes } = seal(await bagOf(2_000 + extra), BUDGET.bag);
      expect(envelope.state_data.payload_size_kb - bagBytes / 1_024).toBeGreaterThanOrEqual(0);
      expect(envelope.state_data.payload_size_kb - bagBytes / 1_024).toBeLessThan(1.01);
      expect(bagBytes).toBe(byteSizeOf(envelope.state_data));
      expect(controlBytes).toBeLessThan(900);
    },
  );

  test('measures a sealed bag without changing it', async () => {
    const bag = await aBag({ a: 1 }, aRun());
    expect(measured(bag).envelope.state_data).toBe(bag);
    expect(measured(bag).bagBytes).toBe(byteSizeOf(bag));
  });

  test('counts control fields exactly and leaves out what is undefined', async () => {
    const { state_data } = seal(await bagOf(5_000), BUDGET.bag).envelope;
    const control = Object.fromEntries(
      CONTROL_FIELDS.filter((name) => name in state_data).map((name) => [name, state_data[name]]),
    );
    expect(seal({ ...state_data, last_hitp_response: undefined as never }, BUDGET.bag).controlBytes).toBe(
      byteSizeOf(control as Json),
    );
    expect(seal({ ...state_data, last_hitp_response: undefined as never }, BUDGET.bag).bagBytes).toBe(
      byteSizeOf(state_data),
    );
  });

  test('takes a size that planning measured at its word', async () => {
    const bag = await bagOf(5_000);
    expect(seal(bag, BUDGET.bag, byteSizeOf(bag.current_state) + 100).bagBytes).toBe(5_100);
  });

  test('shows the pointer of a branch beside its bag, and of no other', async () => {
    const bag = await bagOf(3_000);
    const branch_pointer = {
      branch_id: 'b',
      branch_index: 0,
      status: 'COMPLETE',
      s3_path: 's3://state/x',
      sha256: 'f',
    } as never;
    expect(Object.keys(measured(bag).envelope)).toEqual(['state_data', 'next_action']);
    expect(measured({ ...bag, branch_pointer }).envelope.branch_pointer).toBe(branch_pointer);
  });

  test('is stricter in front of a map', () => {
    expect(
      ['PARALLEL_GROUP', 'MAP_REDUCE', 'BATCHED', 'CONTINUE'].map((action) =>
        budgetBefore(action as StateBag['next_action']),
      ),
    ).toEqual([98_304, 98_304, 98_304, 122_880]);
  });
});
