import type { Verdict } from './run-vector.ts';
import type { Vector } from './vector.ts';

/** A vector and what became of it. */
export interface Result {
  readonly vector: Vector;
  readonly verdict: Verdict;
}

/** Share of the vectors that were not refused. */
export function passedShare(results: readonly Result[]): number {
  const run = results.filter(({ verdict }) => verdict.kind !== 'refused').length;
  return run === 0 ? 0 : countOf(results, 'passed') / run;
}

/** A table by category, what failed and why, what was refused and why, what differs, and the total. */
export function renderReport(results: readonly Result[]): string {
  const categories = [...new Set(results.map(({ vector }) => vector.category))].toSorted();
  const rows = categories.map((category) =>
    rowOf(
      category,
      results.filter(({ vector }) => vector.category === category),
    ),
  );
  const failures = results.flatMap(({ vector, verdict }) =>
    verdict.kind === 'failed' ? [`  ${vector.id}: ${verdict.problem}`] : [],
  );
  const differences = results.flatMap(({ vector, verdict }) =>
    verdict.kind === 'passed'
      ? verdict.differences.map((difference) => `  ${vector.id}: ${difference.slice(0, 300)}`)
      : [],
  );
  return [
    `${'category'.padEnd(24)}${['passed', 'failed', 'refused', 'causes', 'histories'].map(cell).join('')}`,
    ...rows,
    rowOf('total', results),
    ...(failures.length > 0 ? ['', 'failed:', ...failures] : []),
    ...refusals(results),
    ...(differences.length > 0 ? ['', 'passed, with another cause or history:', ...differences] : []),
    '',
    `${(100 * passedShare(results)).toFixed(1)} % of those run pass; causes ${shareOf(results, 'cause')}, histories ${shareOf(results, 'history')} exact`,
  ].join('\n');
}

const cell = (text: string): string => text.padStart(11);

const countOf = (results: readonly Result[], kind: Verdict['kind']): number =>
  results.filter(({ verdict }) => verdict.kind === kind).length;

/** How many are as recorded, of those that were recorded. */
function matchesOf(results: readonly Result[], part: 'cause' | 'history'): { exact: number; all: number } {
  const found = results.flatMap(({ verdict }) =>
    verdict.kind === 'passed' && verdict[part] !== 'none' ? [verdict[part]] : [],
  );
  return { exact: found.filter((match) => match === 'exact').length, all: found.length };
}

function shareOf(results: readonly Result[], part: 'cause' | 'history'): string {
  const { exact, all } = matchesOf(results, part);
  return `${(all === 0 ? 100 : (100 * exact) / all).toFixed(1)} %`;
}

function rowOf(title: string, results: readonly Result[]): string {
  const counts = (['passed', 'failed', 'refused'] as const).map((kind) => String(countOf(results, kind)));
  const matches = (['cause', 'history'] as const).map((part) => {
    const { exact, all } = matchesOf(results, part);
    return `${exact}/${all}`;
  });
  return `${title.padEnd(24)}${[...counts, ...matches].map(cell).join('')}`;
}

function refusals(results: readonly Result[]): string[] {
  const reasons = results.flatMap(({ verdict }) => (verdict.kind === 'refused' ? [verdict.reason] : []));
  if (reasons.length === 0) return [];
  const counted = [...new Set(reasons)]
    .toSorted()
    .map((reason) => `  ${reason}: ${reasons.filter((other) => other === reason).length}`);
  return ['', 'refused, because the local cloud does not support:', ...counted];
}
