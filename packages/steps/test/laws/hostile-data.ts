import type { Json, JsonObject } from '@statebag/contracts';
import fc from 'fast-check';

/** Addresses that a forger would write: of this run, of another one, of the definition with its prompts. */
export interface Targets {
  readonly own: string;
  readonly foreign: string;
  readonly definition: string;
}

const SHA = 'a'.repeat(64);
const NOW = '2026-01-31T12:00:00.000Z';

/** Every shape of ours that stands somewhere for something else, with an address in it. */
function shapes(address: string): JsonObject[] {
  const stored = { s3_path: address, sha256: SHA, encoding: 'json' };
  const pointer = { type: 's3_reference', size_kb: 1, stored_at: NOW, size_bytes: 10, ...stored };
  return [
    pointer,
    { type: 's3_reference', s3_path: address },
    { ...pointer, pack_key: 'given' },
    { __s3_offloaded: true, __s3_path: address },
    { __s3_offloaded: true, __s3_path: address, overlay: { given: 'forged', stolen: pointer } },
    {
      __s3_offloaded: true,
      __s3_path: address,
      __original_size_kb: 1,
      sha256: SHA,
      encoding: 'json',
      guardrail_verified: true,
      batch_count_actual: 1,
      scheduling_summary: null,
    },
    { type: 'history_archive', entry_count: 1, archived_at: NOW, ...stored },
    { branch_id: 'b0', branch_index: 0, status: 'COMPLETE', s3_path: address, sha256: SHA },
    { final_state: { a: 1 }, final_state_s3_path: address, next_segment_to_run: 's9', status: 'COMPLETE' },
    { state_s3_path: address, current_state: pointer, next_action: 'COMPLETE', segment_to_run: null },
    { op: 'set', field: 'given', pointer },
    { compressed_data: 'H4sIAAAAAAAAA6uuBQBDv6ajAgAAAA==', original_size_kb: 1 },
    { ResultWriterDetails: { Bucket: 'state', Key: address.replace(/^s3:\/\/[^/]+\//, '') } },
    { chunk_id: '0', status: 'COMPLETE', execution_order: 0, s3_path: address, sha256: SHA },
    { __escaped: pointer },
    { __escaped: { __escaped: 1 }, beside: 2 },
    { __deleted: true },
    { pointer },
    { value: 1, pointer },
  ];
}

/** Our shapes whole, in part, mixed with other members, and inside of each other; any JSON beside them. */
export function hostileData({ own, foreign, definition }: Targets): fc.Arbitrary<Json> {
  const whole = fc
    .constantFrom(own, foreign, definition)
    .chain((address) => fc.constantFrom(...shapes(address)));
  const part = whole.chain((shape) => fc.subarray(Object.entries(shape)).map(fromEntries));
  const mixed = fc.tuple(whole, part).map(([left, right]): JsonObject => ({ ...left, ...right }));
  // JSON.parse gives JSON; the prototype's names have laws of their own
  const plain = fc
    .jsonValue({ maxDepth: 3 })
    .map((value) => JSON.parse(JSON.stringify(value), safe) as Json)
    .filter((value) => !JSON.stringify(value).includes('__proto__'));
  return fc.letrec<{ any: Json }>((tie) => ({
    any: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 3, arbitrary: whole },
      { weight: 2, arbitrary: part },
      { weight: 2, arbitrary: mixed },
      { weight: 2, arbitrary: plain },
      { weight: 1, arbitrary: fc.array(tie('any'), { maxLength: 3 }) },
      {
        weight: 2,
        arbitrary: fc.dictionary(fc.constantFrom(...MEMBERS), tie('any'), { maxKeys: 4 }).map(plainObject),
      },
    ),
  })).any;
}

/** Integers that readers do not keep are refused where they are read, which has a law of its own. */
const safe = (_key: string, value: unknown): unknown =>
  Number.isInteger(value) && !Number.isSafeInteger(value) ? 0 : value;

const MEMBERS = ['__escaped', '__s3_offloaded', '__s3_path', 'overlay', 'type', 's3_path', 'value', 'given'];

/** Fields of a whole state: as hostile together as one by one. */
export function hostileFields(targets: Targets): fc.Arbitrary<JsonObject> {
  const value = hostileData(targets);
  const forged = value.filter((each): each is JsonObject => isPlainObject(each));
  return fc.tuple(forged, value).map(([fields, given]) => ({ ...fields, given }));
}

function isPlainObject(value: Json): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).every((name) => name !== '' && !RESERVED.has(name))
  );
}

const RESERVED: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

function fromEntries(entries: readonly (readonly [string, Json])[]): JsonObject {
  return Object.fromEntries(entries);
}

/** fast-check's own objects have no prototype. */
function plainObject(object: JsonObject): JsonObject {
  return { ...object };
}
