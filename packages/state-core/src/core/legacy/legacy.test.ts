import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@statebag/contracts';
import { CONTROL_FIELDS } from '@statebag/contracts/control-fields';
import { law } from '@statebag/law';
import fc from 'fast-check';
import { CONTEXT, frozen, textOf } from '../../../test/build.ts';
import { compressPayload, decompressPayload } from './compressed-payload.ts';
import { deepMerge } from './deep-merge.ts';
import { planLegacyBag } from './plan-legacy-bag.ts';
import { updateLegacyBag } from './update-legacy-bag.ts';

const KB = 1_024;
const plan = (bag: JsonObject, maxKb = 200) => planLegacyBag(frozen(bag), maxKb, CONTEXT);

describe('deep merge', () => {
  test.each<[string, Json | undefined, Json, Json]>([
    ['takes the newer scalar', 1, 2, 2],
    ['takes what was not there', undefined, { a: 1 }, { a: 1 }],
    ['merges objects key by key', { a: { b: 1, c: 2 } }, { a: { c: 3, d: 4 } }, { a: { b: 1, c: 3, d: 4 } }],
    ['replaces lists, never joins them', { l: [1, 2] }, { l: [1, 2, 3] }, { l: [1, 2, 3] }],
    ['replaces an object by null', { a: {} }, { a: null }, { a: null }],
    [
      'replaces a pointer whole',
      { a: { type: 's3_reference', s3_path: 's3://b/x' } },
      { a: { b: 1 } },
      { a: { b: 1 } },
    ],
    [
      'replaces an offloaded state whole',
      { __s3_offloaded: true, __s3_path: 's3://b/x' },
      { b: 1 },
      { b: 1 },
    ],
    ['does not find inherited keys', {}, { toString: 1 }, { toString: 1 }],
  ])('%s', (_law, older, newer, merged) => expect(deepMerge(frozen(older), frozen(newer))).toEqual(merged));

  test('keeps what is not changed the very same, at every depth', () => {
    const older = frozen({ kept: { a: 1 }, changed: { kept: [1], x: 1 } });
    const merged = deepMerge(older, { changed: { x: 2 } }) as typeof older;
    expect(merged.kept).toBe(older.kept);
    expect(merged.changed.kept).toBe(older.changed.kept);
    expect(deepMerge(older, { changed: { x: 1 } })).toBe(older);
  });

  test.each(['__proto__', 'constructor', 'prototype'])('refuses the key %s', (key) => {
    expect(() => deepMerge({ a: {} }, JSON.parse(`{"a":{"${key}":{"polluted":1}}}`))).toThrow(
      expect.objectContaining({
        name: 'Contract.EventRejected',
        message: `a state may not have the key "${key}"`,
      }),
    );
  });
});

describe('compressed payloads', () => {
  test('come back as they were', () => {
    law(
      fc.property(fc.jsonValue(), (value) => {
        const payload = JSON.parse(JSON.stringify(value)) as Json; // JSON.parse gives JSON
        expect(decompressPayload(compressPayload(payload))).toEqual(payload);
      }),
    );
  });

  test.each<[string, Json, Json]>([
    ['an object', { current_state: {} }, { current_state: {} }],
    ['JSON as text', '{"a":1}', { a: 1 }],
    ['JSON in compressed_data', { compressed_data: { a: 1 } }, { a: 1 }],
    ['null', null, null],
    ['JSON as text behind white space', ' \n [1]', [1]],
    ['a text as JSON', '"text"', 'text'],
  ])('plain JSON is returned as it is: %s', (_what, payload, expected) =>
    expect(decompressPayload(payload)).toEqual(expected),
  );

  test.each([
    [1_000 - 2, 0.98],
    [1_536 - 2, 1.5],
  ])('of %i characters and two quotes say they were %d KB', (length, kb) =>
    expect(compressPayload('x'.repeat(length)).original_size_kb).toBe(kb),
  );

  test('may have white space around their text', () => {
    expect(decompressPayload({ compressed_data: ` ${compressPayload({ a: 1 }).compressed_data}\n` })).toEqual(
      { a: 1 },
    );
  });

  test.each<[string, string, string, boolean]>([
    ['no base64', 'not base64 at all!', 'not base64', false],
    ['something before base64', `!${gzipSync('1').toString('base64')}`, 'not base64', false],
    ['something after base64', `${gzipSync('1').toString('base64')}!`, 'not base64', false],
    ['JSON in the middle', 'abc{"a":1}', 'not base64', false],
    ['no gzip', Buffer.from('plain').toString('base64'), 'not gzip of JSON', true],
    ['gzip of no JSON', gzipSync('{').toString('base64'), 'not gzip of JSON', true],
    ['cut off', gzipSync('{"a":1}').toString('base64').slice(0, 20), 'not gzip of JSON', true],
    ['broken JSON', '{"a":', 'broken JSON', true],
    ['empty', '', 'not base64', false],
  ])('bad data raises Payload.Undecodable: %s', (_what, compressed_data, problem, hasCause) => {
    const message = `compressed_data (${compressed_data.length} characters) is ${problem}`;
    const cause = { cause: expect.objectContaining({ message: expect.any(String) }) };
    expect(() => decompressPayload({ compressed_data })).toThrow(
      expect.objectContaining({ name: 'Payload.Undecodable', message, ...(hasCause && cause) }),
    );
  });
});

describe('a first-generation result', () => {
  const bag = frozen({
    owner_id: 'o',
    current_state: { a: [1], b: 1 },
    state_history: [{ id: 'h1' }],
    workflow_config: { v: 1 },
    mine: 'kept',
    segment_to_run: 0,
  });

  test('merges the whole state, appends history with its repeats, steers on', () => {
    const result = {
      status: 'SUCCESS',
      final_state: { a: [1, 2], c: 1 },
      new_history_logs: [{ id: 'h1' }],
      next_segment_to_run: 1,
      error_info: null,
      extra: 'wins',
    };
    expect(updateLegacyBag(bag, frozen(result))).toEqual({
      owner_id: 'o',
      current_state: { a: [1, 2], b: 1, c: 1 },
      state_history: [{ id: 'h1' }, { id: 'h1' }],
      workflow_config: { v: 1 },
      mine: 'kept',
      extra: 'wins',
      segment_to_run: 1,
      status: 'COMPLETE',
    });
  });

  test('does not let a result write control fields', () => {
    expect(updateLegacyBag(bag, { owner_id: 'thief', execution_id: 'x' })).toMatchObject({ owner_id: 'o' });
  });

  test('adopts a state that its segment stored', () => {
    expect(updateLegacyBag(bag, { final_state: null, final_state_s3_path: 's3://b/x' })).toMatchObject({
      current_state: { __s3_offloaded: true, __s3_path: 's3://b/x' },
      state_s3_path: 's3://b/x',
    });
  });

  test.each<[string, JsonObject, JsonObject]>([
    [
      'a state and its address',
      { final_state: { a: [1], b: 1 }, final_state_s3_path: 's3://b/x' },
      { ...bag, state_s3_path: 's3://b/x' },
    ],
    [
      'a state and no address',
      { final_state: { b: 2 }, final_state_s3_path: null },
      { ...bag, current_state: { a: [1], b: 2 } },
    ],
    ['a state that is none, and no address', { final_state: [1], final_state_s3_path: null }, bag],
    ['an empty address', { final_state_s3_path: '' }, bag],
    ['an address that is none', { final_state_s3_path: 7 }, bag],
    ['a status that is none', { status: 7 }, bag],
    ['no new history', { new_history_logs: [] }, bag],
    ['history that is none', { new_history_logs: 'none' }, bag],
    ['nothing', { extra: undefined as never, other: null }, bag],
  ])('of %s', (_what, result, expected) =>
    expect(updateLegacyBag(bag, frozen(result))).toStrictEqual(expected),
  );

  test('begins a history where there was none, and leaves an empty one to what it is', () => {
    const { state_history: _none, ...rest } = bag;
    expect(updateLegacyBag(rest, { new_history_logs: [{ id: 'h1' }] })).toStrictEqual({
      ...rest,
      state_history: [{ id: 'h1' }],
    });
    expect(updateLegacyBag(rest, { new_history_logs: [] })).toStrictEqual(rest);
  });

  test('ends a run by naming no next segment', () =>
    expect(updateLegacyBag(bag, { next_segment_to_run: null })).toMatchObject({ segment_to_run: null }));

  test.each<[Json, JsonObject]>([
    [null, bag],
    ['text', { ...bag, current_state: { a: [1], b: 1, raw_result: 'text' } }],
  ])('%j', (result, expected) => expect(updateLegacyBag(bag, result)).toEqual(expected));
});

describe('first-generation tiers', () => {
  test.each([
    [0, false],
    [1, true],
  ])('a field %i byte over 30 KB leaves: %s', (over, leaves) => {
    const { bag, writes } = plan({ current_state: { f: 'x'.repeat(30 * KB - 2 + over), small: 1 } });
    expect(writes.length > 0).toBe(leaves);
    expect((bag['current_state'] as JsonObject)['small']).toBe(1);
  });

  test.each([
    [0, false],
    [1, true],
  ])(
    'a state %i byte over 100 KB leaves whole: %s, and carries its facts under both names',
    (over, leaves) => {
      const fields = Object.fromEntries(
        Array.from({ length: 4 }, (_, index) => [`f${index}`, textOf(25_000, index)]),
      );
      const rest = 100 * KB - JSON.stringify({ ...fields, rest: '' }).length;
      const { bag, writes } = plan({
        current_state: { ...fields, rest: 'r'.repeat(rest + over) },
        guardrail_verified: true,
        scheduling_metadata: { x: 1 },
      });
      expect(writes).toHaveLength(leaves ? 1 : 0);
      if (leaves)
        expect(bag).toMatchObject({
          state_s3_path: writes[0]?.uri,
          current_state: {
            __s3_offloaded: true,
            encoding: 'json',
            __guardrail_verified: true,
            guardrail_verified: true,
            __batch_count_actual: 1,
            __scheduling_metadata: { x: 1 },
          },
        });
    },
  );

  test.each([
    [50, 0],
    [51, 1],
    [60, 10],
  ])('of %i history entries %i are archived, none dropped', (count, archived) => {
    const entries = Array.from({ length: count }, (_, index) => ({ id: `h${index}` }));
    const { bag, writes } = plan({ state_history: entries });
    const history = bag['state_history'] as JsonObject[];
    expect(history.slice(archived > 0 ? 1 : 0)).toEqual(entries.slice(archived));
    if (archived > 0)
      expect(JSON.parse(Buffer.from(writes[0]?.object.body ?? []).toString())).toEqual({
        entries: entries.slice(0, archived),
        previous: null,
      });
  });

  test('links a further block to the one before', () => {
    const first = plan({ state_history: Array.from({ length: 60 }, (_, index) => ({ id: `h${index}` })) })
      .bag['state_history'] as JsonObject[];
    const { bag, writes } = plan({ state_history: [...first, { id: 'new' }] });
    expect(JSON.parse(Buffer.from(writes[0]?.object.body ?? []).toString())).toEqual({
      entries: [{ id: 'h10' }],
      previous: first[0],
    });
    expect(bag['state_history']).toHaveLength(51);
  });

  test('what still exceeds the limit becomes text; control fields stay readable beside it, and nothing is lost', () => {
    const bag = {
      execution_id: 'e',
      next_action: 'CONTINUE',
      state_history: Array.from({ length: 50 }, (_, index) => ({
        id: `h${index}`,
        note: textOf(5_000, index),
      })),
    };
    const planned = plan(bag).bag;
    expect(planned).toMatchObject({
      execution_id: 'e',
      next_action: 'CONTINUE',
      compressed_data: expect.any(String),
      original_size_kb: expect.any(Number),
    });
    expect(decompressPayload(planned)).toEqual(bag);
    expect(
      Object.keys(planned).every(
        (key) =>
          key === 'compressed_data' ||
          key === 'original_size_kb' ||
          (CONTROL_FIELDS as readonly string[]).includes(key),
      ),
    ).toBe(true);
  });

  test.each([
    [0, false],
    [1, true],
  ])('a bag %i byte over the limit becomes text: %s', (over, becomesText) => {
    const bag = {
      owner_id: 'o',
      mine: 'x'.repeat(1_024 - JSON.stringify({ owner_id: 'o', mine: '' }).length + over),
    };
    const planned = plan(bag, 1).bag;
    expect(Object.keys(planned)).toEqual(
      becomesText ? ['owner_id', 'compressed_data', 'original_size_kb'] : ['owner_id', 'mine'],
    );
  });

  test('writes each kind of object where it belongs, and says all it writes', () => {
    const state = Object.fromEntries(
      Array.from({ length: 5 }, (_, index) => [`f${index}`, textOf(25_000, index)]),
    );
    const { writes, bag } = plan({
      mine: textOf(40_000),
      absent: undefined as never,
      current_state: state,
      state_history: Array.from({ length: 51 }, (_, index) => ({ id: `h${index}` })),
      scheduling_metadata: { batch_details: [1, 2, 3, 4, 5, 6] },
    });
    expect(writes.map(({ uri }) => uri.split('/')[6])).toEqual(['blobs', 'blobs', 'blobs', 'history']);
    expect(bag).toMatchObject({
      current_state: {
        guardrail_verified: false,
        __guardrail_verified: false,
        batch_count_actual: 1,
        __scheduling_metadata: null,
      },
    });
  });

  test('leaves a pointer in a branch’s payload as it is', () => {
    const bag = { branch_id: 'b1', workflow_config: { type: 's3_reference', s3_path: 's3://b/x' } };
    expect(plan(bag)).toEqual({ bag, writes: [] });
  });

  test('moves config and map out of a branch’s payload whatever their size, and elsewhere when large', () => {
    const small = { workflow_config: { a: 1 }, partition_map: [1], mine: 'x' };
    expect(plan({ ...small, branch_id: 'b1' }).bag).toMatchObject({
      workflow_config: { type: 's3_reference' },
      partition_map: { type: 's3_reference' },
      mine: 'x',
    });
    expect(plan(small)).toEqual({ bag: small, writes: [] });
    expect(plan({ mine: textOf(40_000) }).bag).toMatchObject({
      mine: { type: 's3_reference', encoding: 'json' },
    });
  });

  test.each([
    [5, false],
    [6, true],
  ])('a schedule of %i batches becomes a summary and a pointer: %s', (count, leaves) => {
    const scheduling_metadata = {
      total_batches: count,
      priority: 'high',
      total_items: 100,
      batch_details: Array.from({ length: count }, () => 1),
    };
    const { bag } = plan({ scheduling_metadata });
    expect(bag).toEqual(
      leaves
        ? {
            scheduling_summary: {
              total_batches: count,
              priority: 'high',
              total_items: 100,
              pointer: expect.objectContaining({ type: 's3_reference' }),
            },
          }
        : { scheduling_metadata },
    );
  });

  test('leaves its input untouched and is done after one pass', () => {
    const once = plan({ current_state: { f: textOf(40_000) }, mine: 1 });
    expect(plan(once.bag)).toEqual({ bag: once.bag, writes: [] });
  });
});
