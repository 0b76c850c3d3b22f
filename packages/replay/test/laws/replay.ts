import type { S3Uri } from '@statebag/contracts/object-keys';
import { type Asked, law } from '@statebag/law';
import { leftBehind } from '@statebag/testing/left-behind';
import { arbitraryWorkflow } from '@statebag/workflow/testing';
import fc from 'fast-check';
import { replayOf } from '../replayed.ts';

/** Of every so many calls of functions one dies before its work, and one after it. */
const deaths = fc.record({ every: fc.integer({ min: 4, max: 9 }), first: fc.nat(8) });
/** Which byte of which object, both as a part of the whole, and what is done to it. */
const flip = fc.record({
  object: fc.double({ min: 0, max: 0.999, noNaN: true }),
  byte: fc.double({ min: 0, max: 0.999, noNaN: true }),
  bits: fc.integer({ min: 1, max: 255 }),
});

/** What Step Functions writes of a distributed Map has no hash: the functions that read it see what they need. */
const BY_THE_SERVICE = /\/map\/[0-9a-f]{64}\/results\//;

/**
 * A run comes out as it did then, also where functions were killed; and where one byte of anything that it left is
 * another one, the replay says so and names the object or the field.
 */
export async function replaysAreEqual(asked: Asked): Promise<void> {
  const workflows = arbitraryWorkflow({
    groups: true,
    waits: true,
    approvals: true,
    workers: true,
    maps: true,
  });
  const property = fc.asyncProperty(workflows, deaths, flip, async ({ document, input }, dying, change) => {
    const options = { input, approve: () => 'approve', dies: dyingAt(dying) };
    await leftBehind(document, options, async (left) => {
      const whole = await replayOf(left);
      if (!whole.equal)
        throw new Error(`the replay parts: ${JSON.stringify([whole.differences[0], whole.faults[0]])}`);
      const uris = left.store.uris().filter((uri) => uri.includes('/runs/') && !BY_THE_SERVICE.test(uri));
      const uri = uris[Math.floor(change.object * uris.length)];
      const damaged = await replayOf(left, (body, at) => (at === uri ? flipped(body, change) : null));
      if (uri !== undefined && !isPlaced(damaged, uri))
        throw new Error(`a byte of ${uri} is another one, and the replay says ${JSON.stringify(damaged)}`);
    });
  });
  await law(property, asked);
}

function dyingAt({ every, first }: { readonly every: number; readonly first: number }) {
  let calls = first;
  return () => {
    calls += 1;
    return calls % every === 1 ? 'before' : calls % every === 3 ? 'after' : null;
  };
}

function flipped(
  body: Uint8Array,
  { byte, bits }: { readonly byte: number; readonly bits: number },
): Uint8Array {
  const at = Math.floor(byte * body.length);
  return body.map((each, index) => (index === at ? each ^ bits : each));
}

function isPlaced({ equal, faults, differences }: Awaited<ReturnType<typeof replayOf>>, uri: S3Uri): boolean {
  return !equal && (faults.some((fault) => fault.uri === uri) || differences.length > 0);
}
