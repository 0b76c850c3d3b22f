import type { Json } from '@statebag/contracts';
import { type ForeignJson, foreignJson } from './foreign-json.ts';

const FENCE = /```(?:json)?[ \t]*\r?\n([\s\S]*?)```/gi;
const CLOSES: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

/**
 * The one JSON value of a model's answer: the whole text, or an object or list with sentences or a fence
 * around it, or what stands alone in one fence. None or several are a complaint.
 */
export function jsonInText(text: string): ForeignJson {
  const whole = foreignJson(text);
  if (whole.ok) return whole;
  const found: Json[] = [];
  for (const part of bracketed(text)) {
    const read = foreignJson(part);
    if (read.ok) found.push(read.value);
  }
  const [value] = found;
  if (found.length > 1) return { ok: false, complaint: `it holds ${found.length} JSON values` };
  return value === undefined ? inOneFence(text, whole) : { ok: true, value };
}

function inOneFence(text: string, whole: ForeignJson): ForeignJson {
  const [fence, ...others] = [...text.matchAll(FENCE)];
  if (fence === undefined || others.length > 0) return whole;
  const read = foreignJson(fence[1] ?? '');
  return read.ok ? read : whole;
}

/**
 * The parts of a text from a bracket to the one that closes it, none inside of another: what stands inside of
 * broken JSON is no answer. A bracket that is never closed ends the search, as an answer that was cut off
 * does. The text is gone through once.
 */
function* bracketed(text: string): Generator<string> {
  const opening = /[[{]/g;
  for (let open = opening.exec(text); open !== null; open = opening.exec(text)) {
    const end = endOf(text, open.index);
    if (end < 0) return;
    yield text.slice(open.index, end);
    opening.lastIndex = end;
  }
}

/** Behind the bracket that closes the one at `start`; -1 where none does. */
function endOf(text: string, start: number): number {
  const open: string[] = [];
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '"') {
      at = endOfString(text, at);
      if (at < 0) return -1;
    } else if (character in CLOSES) open.push(CLOSES[character] ?? '');
    else if (character === '}' || character === ']') {
      if (open.pop() !== character) return -1;
      if (open.length === 0) return at + 1;
    }
  }
  return -1;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text.charAt(at) === '\\') at += 1;
    else if (text.charAt(at) === '"') return at;
  }
  return -1;
}
