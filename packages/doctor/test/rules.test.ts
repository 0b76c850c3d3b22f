import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../src/diagnose.ts';
import { readHistory } from '../src/history.ts';
import type { Example } from '../src/rule.ts';
import { RULES } from '../src/rules.ts';

function codesOf({ definition, events }: Example): readonly string[] {
  const history = events && readHistory(events);
  return diagnose({ definition, events: history, now: 0 }).findings.map(({ code }) => code);
}

describe.each(RULES.map((rule) => [`${rule.code} ${rule.title}`, rule] as const))('%s', (_, rule) => {
  test('finds its failing example', () => expect(codesOf(rule.failing)).toContain(rule.code));
  test('finds nothing in its passing example', () => expect(codesOf(rule.passing)).not.toContain(rule.code));
});

test('every rule has a code of its own', () => {
  const codes = RULES.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
});
