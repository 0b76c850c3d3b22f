import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@statebag/contracts';
import { sha256Of } from '../canonical-json.ts';
import { legacyIds } from './legacy-ids.ts';
import { isJoinedByName, legacyReducers } from './legacy-reducers.ts';

describe('ids of the first generation', () => {
  test.each<[JsonObject, string | null, object]>([
    [
      { owner_id: 'acme', execution_id: 'run-1', executionId: 'x', idempotency_key: 'k' },
      'name',
      { owner_id: 'acme', execution_id: 'run-1' },
    ],
    [
      { ownerId: 'acme', executionId: 'run-1', idempotency_key: 'k' },
      'name',
      { owner_id: 'acme', execution_id: 'run-1' },
    ],
    [
      { owner_id: 'acme', ownerId: 'other', idempotency_key: 'key' },
      'name',
      { owner_id: 'acme', execution_id: 'key' },
    ],
    [{ owner_id: 'acme' }, 'name', { owner_id: 'acme', execution_id: 'name' }],
    [
      { owner_id: 'acme', idempotency_key: 'a key with blanks' },
      null,
      { owner_id: 'acme', execution_id: sha256Of('a key with blanks') },
    ],
  ])('%j in the execution %s', (members, name, ids) => expect(legacyIds(members, name)).toEqual(ids));

  test.each<[JsonObject, string]>([
    [{ execution_id: 'run-1' }, 'owner_id null is no id: the event does not say whose run it is'],
    [
      { owner_id: '../other', execution_id: 'run-1' },
      'owner_id "../other" is no id: the event does not say whose run it is',
    ],
    [{ owner_id: 'acme' }, 'the event has no execution_id: it does not say which run it is of'],
    [
      { owner_id: 'acme', execution_id: '' },
      'the event has no execution_id: it does not say which run it is of',
    ],
    [
      { owner_id: 'acme', execution_id: 7 },
      'the event has no execution_id: it does not say which run it is of',
    ],
  ])('%j is refused', (members, message) => {
    expect(() => legacyIds(members)).toThrow(
      expect.objectContaining({ name: 'Contract.EventRejected', message }),
    );
  });
});

describe('what a field’s name says', () => {
  test.each([
    ['a_results', true],
    ['a_items', true],
    ['a_outputs', true],
    ['collected_a', true],
    ['aggregated_a', true],
    ['_results_a', false],
    ['a_collected_', false],
    ['results', false],
    ['', false],
  ])('%s is joined: %s', (field, joined) => expect(isJoinedByName(field)).toBe(joined));

  test('the workflow’s own word goes before the name, and a field of neither has no reducer', () => {
    const declared = { a_results: 'sum', total: 'max', elsewhere: 'min' } as const;
    expect(legacyReducers(['a_results', 'b_items', 'total', 'plain', 'toString'], declared)).toStrictEqual({
      a_results: 'sum',
      b_items: 'append',
      total: 'max',
    });
  });
});

test.each<Json>([null, 1, [], {}])('an id is text: %j is none', (owner_id) =>
  expect(() => legacyIds({ owner_id, execution_id: 'e' })).toThrow(),
);
