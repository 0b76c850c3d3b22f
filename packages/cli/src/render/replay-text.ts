import type { Json } from '@statebag/contracts';
import type { Difference, ReplayReport } from '@statebag/replay';
import { countText } from './amounts.ts';

/** What was repeated, and where it parts first. */
export function replayText(run: string, report: ReplayReport, millis: number): string {
  const { segments, others, calls, objects, failed_attempts: failed, differences, faults, equal } = report;
  const beside = [
    countText(others.repeated, 'other step'),
    `${countText(calls, 'call')} from the ledger`,
    countText(objects, 'object'),
    ...(failed > 0 ? [`${countText(failed, 'failed attempt')} left out`] : []),
  ].join(', ');
  const end = equal ? 'equal' : 'different';
  const head = `reproduced: ${segments.equal} of ${countText(segments.repeated, 'segment')}, ${end}`;
  const [first] = differences;
  const lines = [
    `${run}: ${head} (${beside}; ${millis} ms)`,
    ...(first ? firstLines(first, differences.length) : []),
    ...faults.map(({ uri, what }) => `damaged: ${what.startsWith(uri) ? what : `${uri}: ${what}`}`),
  ];
  return `${lines.join('\n')}\n`;
}

function firstLines({ state, segment, path, recorded, replayed, what }: Difference, count: number): string[] {
  const place = `${state}${segment === null ? '' : `, segment ${segment}`}`;
  const more = count > 1 ? [`and ${countText(count - 1, 'step')} more`] : [];
  if (path === undefined) return [`first: ${place}: ${what ?? ''}`, ...more];
  return [
    `first: ${place}: ${path}`,
    `  recorded: ${valueText(recorded)}`,
    `  replayed: ${valueText(replayed)}`,
    ...more,
  ];
}

const MOST_CHARACTERS = 300;

function valueText(value: Json | undefined): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > MOST_CHARACTERS
    ? `${text.slice(0, MOST_CHARACTERS)}… (${text.length} characters)`
    : text;
}
