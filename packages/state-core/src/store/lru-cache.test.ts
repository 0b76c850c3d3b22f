import { describe, expect, test } from '@jest/globals';
import { LruCache } from './lru-cache.ts';

const LIMITS = { items: 3, ttlMs: 1_000, bytes: 100, itemBytes: 60 };

function aCache() {
  const clock = { now: 0 };
  return { clock, cache: new LruCache<string>(LIMITS, () => clock.now) };
}

describe('the cache', () => {
  test('forgets what was used longest ago', () => {
    const { cache } = aCache();
    for (const key of ['a', 'b', 'c']) cache.set(key, key, 1);
    cache.get('a');
    cache.set('d', 'd', 1);
    expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual(['a', undefined, 'c', 'd']);
  });

  test('forgets until its bytes fit', () => {
    const { cache } = aCache();
    cache.set('a', 'a', 50);
    cache.set('b', 'b', 50);
    cache.set('c', 'c', 1);
    expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual([undefined, 'b', 'c']);
  });

  test.each([
    [60, 'x'],
    [61, undefined],
  ])('an item of %i bytes is kept as %s', (bytes, kept) => {
    const { cache } = aCache();
    cache.set('x', 'x', bytes);
    expect(cache.get('x')).toBe(kept);
  });

  test('forgets an old value that a too large one replaces', () => {
    const { cache } = aCache();
    cache.set('x', 'old', 1);
    cache.set('x', 'new', 61);
    expect(cache.get('x')).toBeUndefined();
  });

  test('forgets after its time, and using does not prolong it', () => {
    const { cache, clock } = aCache();
    cache.set('x', 'x', 1);
    clock.now = 999;
    expect(cache.get('x')).toBe('x');
    clock.now = 1_000;
    expect(cache.get('x')).toBeUndefined();
  });

  test('counts a replaced item once', () => {
    const { cache } = aCache();
    for (let round = 0; round < 9; round += 1) cache.set('x', String(round), 50);
    cache.set('y', 'y', 50);
    expect([cache.get('x'), cache.get('y')]).toEqual(['8', 'y']);
  });
});
