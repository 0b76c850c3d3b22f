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

/** A table by category, what failed and why, what was refused and why, and a last line with the total. */
export function renderReport(results: readonly Result[]): string {
  const categories = [...new Set(results.map(({ vector }) => vector.category))].toSorted();
  const rows = categories.map((category) =>
    rowOf(
      category,
      results.filter(({ vector }) => vector.category === category),
    ),
  );
  const failures = results.flatMap(({ vector, verdict }) => (verdict.kind === 'failed' ? [`  ${vector.id}: ${verdict.problem}`] : []));
  const causes = results.flatMap(({ verdict }) => (verdict.kind === 'passed' && verdict.cause !== 'none' ? [verdict.cause] : []));
  return [
    `${'category'.padEnd(24)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'refused'.padStart(8)}`,
    ...rows,
    ...(failures.length > 0 ? ['', 'failed:', ...failures] : []),
    ...refusals(results),
    '',
    `causes: ${causes.filter((cause) => cause === 'exact').length} of ${causes.length} exact`,
    `total: ${countOf(results, 'passed')} passed, ${countOf(results, 'failed')} failed, ${countOf(results, 'refused')} refused; ${(100 * passedShare(results)).toFixed(1)} % of those run`,
  ].join('\n');
}

const countOf = (results: readonly Result[], kind: Verdict['kind']): number => results.filter(({ verdict }) => verdict.kind === kind).length;

function rowOf(category: string, results: readonly Result[]): string {
  const counts = (['passed', 'failed', 'refused'] as const).map((kind) => String(countOf(results, kind)).padStart(8));
  return `${category.padEnd(24)}${counts.join('')}`;
}

function refusals(results: readonly Result[]): string[] {
  const reasons = results.flatMap(({ verdict }) => (verdict.kind === 'refused' ? [verdict.reason] : []));
  if (reasons.length === 0) return [];
  const counted = [...new Set(reasons)].toSorted().map((reason) => `  ${reason}: ${reasons.filter((other) => other === reason).length}`);
  return ['', 'refused, because the local cloud does not support:', ...counted];
}
