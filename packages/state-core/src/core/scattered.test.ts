import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { GATHER } from '@statebag/contracts/limits';
import { scatteredFields } from './scattered.ts';

/** So many fields, each in an object of its own. */
function alone(count: number, size_bytes = 100): JsonObject {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`f${index}`, pointer(`o${index}`, size_bytes)]),
  );
}

function pointer(object: string, size_bytes?: number): JsonObject {
  return { type: 's3_reference', s3_path: object, ...(size_bytes !== undefined && { size_bytes }) };
}

describe('fields that are written anew with an index', () => {
  test.each([
    [0, 0],
    [1, GATHER.objects + 1],
  ])('in %i object more than two rounds of requests: %i', (over, count) => {
    expect(scatteredFields({ inline: 1, ...alone(GATHER.objects + over) })).toHaveLength(count);
  });

  test.each([
    [0, ['a', 'b']],
    [1, []],
  ])('of an object that is %i byte too much alive: %j', (over, expected) => {
    const shared = {
      a: pointer('shared', GATHER.aliveBytes - 10),
      b: pointer('shared', 10 + over),
    };
    const found = scatteredFields({ ...alone(GATHER.objects, GATHER.aliveBytes + 1), ...shared });
    expect(found).toEqual(expected);
  });

  test('are those of which least is alive, as many as one function may hold', () => {
    const many = Math.floor(GATHER.totalBytes / 60_000) + 5;
    const found = scatteredFields({ ...alone(many, 60_000), last: pointer('last', 1) });
    expect(found[0]).toBe('last');
    expect(found.length).toBeLessThanOrEqual(Math.floor(GATHER.totalBytes / 60_000) + 1);
    expect(found.length).toBeGreaterThan(many - 10);
  });

  test('never lie in objects whose pointer does not say how large they are', () => {
    expect(scatteredFields({ old: pointer('old'), ...alone(GATHER.objects) })).not.toContain('old');
  });
});
