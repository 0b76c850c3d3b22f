import { type JsonObject, StatebagError } from '@statebag/contracts';
import { CONTROL_FIELDS } from '@statebag/contracts/control-fields';
import { BUDGET } from '@statebag/contracts/limits';
import type { Envelope, StateBag } from '@statebag/contracts/schemas/state-bag';
import { byteSizeOf } from './canonical-json.ts';
import { wholeKb } from './planned-write.ts';

/** A reply and its measures. */
export interface Sealed {
  readonly envelope: Envelope;
  readonly bagBytes: number;
  readonly controlBytes: number;
}

/**
 * Measures the bag (but for a state whose size is known), writes its size into it and closes it.
 * @throws `Bag.BudgetExceeded` naming the largest fields, where everything movable has been moved out and it
 * is still too large.
 */
export function seal(bag: StateBag, budget: number, stateBytes?: number): Sealed {
  const sizes = memberSizes({ ...bag, payload_size_kb: 0 }, stateBytes);
  const unsealed = sizes.reduce((sum, [, size]) => sum + size, 1);
  const payload_size_kb = wholeKb(unsealed + SIZE_DIGITS);
  const bagBytes = unsealed - 1 + String(payload_size_kb).length;
  if (bagBytes > budget) throw overBudget(sizes, bagBytes, budget);
  const sealed = { ...bag, payload_size_kb };
  return { envelope: envelopeOf(sealed), bagBytes, controlBytes: controlBytes(sizes) };
}

/** A bag that was sealed before, as it is. */
export function measured(bag: StateBag): Sealed {
  const sizes = memberSizes(bag);
  const bagBytes = sizes.reduce((sum, [, size]) => sum + size, 1);
  return { envelope: envelopeOf(bag), bagBytes, controlBytes: controlBytes(sizes) };
}

/** The bag of a branch also shows what the branch has left: all that its group may see of it. */
function envelopeOf(bag: StateBag): Envelope {
  return {
    state_data: bag,
    next_action: bag.next_action,
    ...(bag.branch_pointer && { branch_pointer: bag.branch_pointer }),
  };
}

/** Room for the size's own digits beyond the first. */
const SIZE_DIGITS = 2;

type MemberSize = readonly [name: string, size: number];

function memberSizes(bag: JsonObject, stateBytes?: number): MemberSize[] {
  const members = Object.entries(bag).filter(([, value]) => value !== undefined);
  return members.map(
    ([name, value]): MemberSize => [
      name,
      name.length +
        4 +
        (name === 'current_state' && stateBytes !== undefined ? stateBytes : byteSizeOf(value)),
    ],
  );
}

const CONTROL: ReadonlySet<string> = new Set(CONTROL_FIELDS);

function controlBytes(sizes: readonly MemberSize[]): number {
  return sizes.reduce((sum, [name, size]) => (CONTROL.has(name) ? sum + size : sum), 1);
}

function overBudget(sizes: readonly MemberSize[], bagBytes: number, budget: number): StatebagError {
  const largest = [...sizes].sort((left, right) => right[1] - left[1]).slice(0, 5);
  const named = largest.map(([name, size]) => `${name} ${size}`);
  return new StatebagError(
    'Bag.BudgetExceeded',
    `the bag takes ${bagBytes} bytes with everything movable moved out; the budget is ${budget}; largest: ${named.join(', ')}`,
    {
      details: { bag_bytes: bagBytes, budget, largest: named },
    },
  );
}

/**
 * A Map's output is put together by Step Functions beside the bag, so a bag in front of one must be smaller.
 */
export function budgetBefore(nextAction: StateBag['next_action']): number {
  return nextAction === 'PARALLEL_GROUP' || nextAction === 'MAP_REDUCE' || nextAction === 'BATCHED'
    ? BUDGET.bagBeforeMap
    : BUDGET.bag;
}
