import type { Played } from './play.ts';

/** Results as JUnit, which CI servers read. */
export function junitText(results: readonly Played[]): string {
  const cases = results.map(({ name, outcome, milliseconds, message }) => {
    const inside = {
      passed: '',
      skipped: `<skipped message="${escaped(message)}"/>`,
      failed: `<failure message="${escaped(message.split('\n')[0] ?? '')}">${escaped(message)}</failure>`,
    }[outcome];
    return `  <testcase classname="simulate" name="${escaped(name)}" time="${(milliseconds / 1_000).toFixed(3)}">${inside}</testcase>`;
  });
  const count = (outcome: Played['outcome']) => results.filter((each) => each.outcome === outcome).length;
  const suite = `<testsuite name="simulate" tests="${results.length}" failures="${count('failed')}" skipped="${count('skipped')}">`;
  return ['<?xml version="1.0" encoding="UTF-8"?>', suite, ...cases, '</testsuite>', ''].join('\n');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
