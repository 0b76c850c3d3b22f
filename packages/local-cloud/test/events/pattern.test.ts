import { describe, expect, test } from '@jest/globals';
import { matchesPattern, patternMistake } from '../../src/events/pattern.ts';

const event = {
  source: 'shop.orders',
  detail: {
    status: 'FAILED',
    total: 12.5,
    tags: ['new', 'vip'],
    address: { city: 'Köln' },
    ip: '10.1.2.3',
    flag: true,
    nothing: null,
  },
};

describe('a pattern', () => {
  test.each<[string, Record<string, unknown>, boolean]>([
    ['equal text', { source: ['shop.orders'] }, true],
    ['any of several', { detail: { status: ['DONE', 'FAILED'] } }, true],
    ['other text', { source: ['shop'] }, false],
    ['all fields', { source: ['shop.orders'], detail: { status: ['DONE'] } }, false],
    ['nested fields', { detail: { address: { city: ['Köln'] } } }, true],
    ['booleans', { detail: { flag: [true] } }, true],
    ['null', { detail: { nothing: [null] } }, true],
    ['a missing field is not null', { detail: { gone: [null] } }, false],
    ['a prefix', { source: [{ prefix: 'shop.' }] }, true],
    ['a prefix whatever the case', { source: [{ prefix: { 'equals-ignore-case': 'SHOP.' } }] }, true],
    ['a suffix', { source: [{ suffix: 'orders' }] }, true],
    ['text whatever its case', { detail: { status: [{ 'equals-ignore-case': 'failed' }] } }, true],
    ['a wildcard', { source: [{ wildcard: 'sh*.*ers' }] }, true],
    ['a wildcard that does not fit', { source: [{ wildcard: 'sh*.x*' }] }, false],
    ['anything but', { detail: { status: [{ 'anything-but': ['DONE', 'OPEN'] }] } }, true],
    ['not anything but', { detail: { status: [{ 'anything-but': 'FAILED' }] } }, false],
    ['anything but a prefix', { source: [{ 'anything-but': { prefix: 'shop' } }] }, false],
    ['anything but needs a value', { detail: { gone: [{ 'anything-but': 'x' }] } }, false],
    ['numbers in a range', { detail: { total: [{ numeric: ['>', 10, '<=', 12.5] }] } }, true],
    ['numbers out of a range', { detail: { total: [{ numeric: ['>', 10, '<', 12.5] }] } }, false],
    ['numbers that are equal', { detail: { total: [{ numeric: ['=', 12.5] }] } }, true],
    ['text is no number', { detail: { status: [{ numeric: ['>', 0] }] } }, false],
    ['any member of a list', { detail: { tags: ['vip'] } }, true],
    ['no member of a list', { detail: { tags: ['old'] } }, false],
    ['what exists', { detail: { total: [{ exists: true }] } }, true],
    ['what does not exist', { detail: { gone: [{ exists: false }] } }, true],
    ['only leaves exist', { detail: { address: [{ exists: true }] } }, false],
    ['addresses in a network', { detail: { ip: [{ cidr: '10.1.0.0/16' }] } }, true],
    ['addresses out of a network', { detail: { ip: [{ cidr: '10.2.0.0/16' }] } }, false],
    ['either of two patterns', { $or: [{ source: ['none'] }, { detail: { flag: [true] } }] }, true],
    ['neither of two patterns', { $or: [{ source: ['none'] }, { detail: { flag: [false] } }] }, false],
  ])('matches %s', (_, pattern, expected) => {
    expect(patternMistake(pattern)).toBeUndefined();
    expect(matchesPattern(event, pattern)).toBe(expected);
  });

  test.each([
    [{}, 'pattern is not an object with fields'],
    [{ source: 'shop' }, 'pattern.source is neither a list nor an object'],
    [{ detail: { total: [{ about: 1 }] } }, 'pattern.detail.total uses the unknown filter about'],
  ])('%j is refused', (pattern, mistake) => {
    expect(patternMistake(pattern)).toBe(mistake);
  });
});
