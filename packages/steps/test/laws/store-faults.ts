import { isStatebagError, StatebagError } from '@statebag/contracts';
import { type Asked, law } from '@statebag/law';
import { canonicalJson } from '@statebag/state-core';
import type { StoredObject } from '@statebag/state-core/store/object-store';
import fc from 'fast-check';
import { type Hostile, NOTHING, runWith } from './data-is-data.ts';
import { runInMemory } from './run-in-memory.ts';

/** What can have happened to an object between its write and a read of it. */
const DAMAGES = {
  gone: () => {
    throw new StatebagError('Store.ObjectMissing', 'it is gone');
  },
  emptied: (object) => ({ ...object, body: new Uint8Array() }),
  'cut short': (object) => ({ ...object, body: object.body.subarray(0, object.body.length - 1) }),
  'other bytes': (object) => ({ ...object, body: object.body.map((byte) => byte ^ 1) }),
  'another object': (object) => ({ ...object, body: Buffer.from('{"value":"other"}') }),
  'no list': (object) => ({ ...object, body: Buffer.from('[]') }),
} as const satisfies Record<string, (object: StoredObject) => StoredObject>;

type Damage = keyof typeof DAMAGES;

/** The run has said that an object is gone or damaged: not that the store cannot be reached. */
const SAID: ReadonlySet<string> = new Set([
  'Store.ObjectMissing',
  'Store.ObjectCorrupt',
  'Definition.SegmentUnknown',
]);

const data: Hostile = {
  ...NOTHING,
  given: { text: 'x'.repeat(900) },
  thresholds: { inlineState: 400, inlineDelta: 300, overlay: 400, packField: 100, field: 200 },
};

/**
 * Whichever read of a run finds an object gone or damaged: the run says so at once, by the name of what happened,
 * or ends as it does without. It never ends otherwise.
 */
export async function faultsAreSaid(asked: Asked): Promise<void> {
  const whole = await runInMemory(runWith(data));
  const usual = canonicalJson(whole.state);
  const reads = fc.nat(whole.read.length - 1);
  const damages = fc.constantFrom(...(Object.keys(DAMAGES) as Damage[])); // the keys of the table
  const property = fc.asyncProperty(reads, damages, async (at, damage) => {
    const ended = await withDamage(at, damage);
    if (ended !== usual && !SAID.has(ended))
      throw new Error(`read ${at} of ${whole.read[at]} was ${damage}; the run ended with ${ended}`);
  });
  await law(property, asked);
}

/** The state a run ends with, or the name of what it ended with. */
async function withDamage(at: number, damage: Damage): Promise<string> {
  try {
    const onRead = (read: number, object: StoredObject) => (read === at ? DAMAGES[damage](object) : object);
    const { state, bag } = await runInMemory({ ...runWith(data), onRead });
    return bag.failed_segments?.[0]?.error ?? canonicalJson(state);
  } catch (error) {
    return isStatebagError(error) ? error.name : String(error);
  }
}
