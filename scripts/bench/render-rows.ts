import type { BenchRow } from './bench-row.ts';

/** Rows as an aligned table for a reader. */
export function renderRows(rows: readonly BenchRow[]): string {
  const cells = rows.map((row) => [
    row.figure,
    `${number(row.ours)} ${row.unit}`,
    row.reference === null ? '' : `${number(row.reference)} ${row.unit}`,
    row.reference_name ?? '',
    row.ratio === null ? '' : `${row.ratio.toFixed(2)}x`,
    row.target,
    outcome(row),
  ]);
  const all = [['figure', 'ours', 'reference', 'which', 'ratio', 'target', ''], ...cells];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [
    ...lines,
    ...rows.flatMap(({ figure, note }) => (note === undefined ? [] : ['', `${figure}: ${note}`])),
    ...rows.flatMap(({ figure, holds, known_reason }) =>
      holds || known_reason === undefined ? [] : ['', `${figure} does not hold: ${known_reason}`],
    ),
  ].join('\n');
}

function outcome({ holds, known_reason }: BenchRow): string {
  if (holds) return 'holds';
  return known_reason === undefined ? 'DOES NOT HOLD' : 'does not hold, known';
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 1 : 0 });
}
