import { type Budget, type BudgetLine, MEASURES, type NamedEnd, type Verdict } from '@statebag/budget';
import { countText, table } from './amounts.ts';

/** Every bound of a budget, and below what has no bound or does not hold. */
export function budgetText({ name, lines, assumes }: Budget, verdict: Verdict): string {
  const rows = lines.map((line) => [
    line.measure,
    numberText(line.bound, line),
    line.undisturbed === undefined ? '' : numberText(line.undisturbed, line),
    line.limit === null ? '' : numberText(line.limit, line),
    line.verdict,
    placeText(line),
  ]);
  const grave = lines.filter(({ verdict: each }) => each !== 'holds');
  const parts = [
    `${name}: ${SAID[verdict]}`,
    table([['', 'at most', 'undisturbed', 'limit', '', 'where'], ...rows]),
    ...(grave.length > 0 ? ['', ...complaints(grave)] : []),
    ...looseText(lines),
    ...(assumes.length > 0 ? ['', ...assumes.map((each) => `assumed: ${each}`)] : []),
  ];
  return `${parts.join('\n')}\n`;
}

const SAID: Readonly<Record<Verdict, string>> = {
  holds: 'every bound holds',
  strained: 'every bound holds, unless functions fail or run out of time again and again',
  unbounded: 'something has no bound',
  over: 'something may go over its limit',
};

/** Lines that the same change would mend stand together. */
function complaints(lines: readonly BudgetLine[]): readonly string[] {
  const alike = Map.groupBy(lines, ({ verdict, measure, mend }) => `${verdict} ${measure} ${mend}`);
  return [...alike.values()].flatMap(([line, ...others]) => {
    if (!line) return [];
    const more = others.length === 0 ? '' : `, and in ${countText(others.length, 'more place')}`;
    const said = `${line.verdict} ${line.measure}: ${boundText(line)}${more}`;
    return line.mend === null ? [said] : [said, `  mend: ${line.mend}`];
  });
}

/** `at most 300,000 bytes of 262,144`. */
export function boundText(line: BudgetLine): string {
  const { bound, limit, measure } = line;
  const unit = MEASURES[measure];
  const most = Number.isFinite(bound) ? `at most ${numberText(bound, line)} ${unit}` : `no bound of ${unit}`;
  return limit === null ? most : `${most}, of ${numberText(limit, line)}`;
}

export function placeText({ at, field }: BudgetLine): string {
  return [at, field].filter((part) => part !== null).join(' ');
}

function numberText(value: number, { measure }: BudgetLine): string {
  if (!Number.isFinite(value)) return 'unbounded';
  return measure === 'dollars' ? value.toPrecision(3) : Math.ceil(value).toLocaleString('en-US');
}

/** Each thing without a bound once, with what a bound costs and buys. */
function looseText(lines: readonly BudgetLine[]): readonly string[] {
  const ends = new Map<string, NamedEnd>();
  for (const end of lines.flatMap(({ loose }) => loose)) {
    const key = `${end.of} ${end.at} ${end.keyword}`;
    const known = ends.get(key);
    if (!known || (known.fits === null && end.fits !== null)) ends.set(key, end);
  }
  if (ends.size === 0) return [];
  const shown = [...ends.values()].slice(0, MOST_SHOWN);
  const more = ends.size - shown.length;
  return [
    '',
    'Without a bound of its own',
    ...shown.map(endText),
    ...(more > 0 ? [`  and ${countText(more, 'more')}`] : []),
  ];
}

const MOST_SHOWN = 20;

function endText({ of, at, keyword, mend, each, fits }: NamedEnd): string {
  const what = keyword === null ? at : `${keyword} missing at ${at === '' ? '/' : at}`;
  const buys =
    each === null || fits === null
      ? ''
      : ` (each takes ${each.toLocaleString('en-US')} bytes, so ${fits.toLocaleString('en-US')} fit)`;
  return `  ${of}: ${what}${buys}\n    mend: ${mend}`;
}
