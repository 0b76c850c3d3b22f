import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import type { LedgerRecord } from '@statebag/contracts/schemas/ledger-record';
import { canonicalJson } from '@statebag/state-core';
import { shortened } from '@statebag/state-core/core/shortened';

/** What a record keeps of a question: as much as a reader takes in, whatever the question has attached. */
const KEPT_BYTES = 16_384;

/**
 * How long texts may be and how many members lists and objects may have, in the order in which it is tried.
 */
const CUTS = [
  { text: 8_192, members: 200 },
  { text: 2_048, members: 50 },
  { text: 512, members: 20 },
  { text: 64, members: 5 },
] as const;

/** What was asked, for readers: whole where it is short, else its texts and lists cut. */
export function askedOf(input: JsonObject, text: string): Pick<LedgerRecord, 'asked' | 'asked_bytes'> {
  const asked_bytes = Buffer.byteLength(text);
  if (asked_bytes <= KEPT_BYTES) return { asked: input, asked_bytes };
  for (const cut of CUTS) {
    const asked = cutMembers(input, cut);
    if (Buffer.byteLength(canonicalJson(asked)) <= KEPT_BYTES) return { asked, asked_bytes };
  }
  return { asked_bytes };
}

type Cut = (typeof CUTS)[number];

function cutMembers(value: JsonObject, cut: Cut): JsonObject {
  const kept = Object.entries(value).slice(0, cut.members);
  return Object.fromEntries(kept.map(([name, each]) => [name, shorter(each, cut)]));
}

/** Of a conversation the end is what matters. */
function shorter(value: Json, cut: Cut): Json {
  if (typeof value === 'string') return shortened(value, cut.text);
  if (Array.isArray(value)) return value.slice(-cut.members).map((each) => shorter(each, cut));
  return isJsonObject(value) ? cutMembers(value, cut) : value;
}
