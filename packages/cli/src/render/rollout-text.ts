import type { RolloutSettings } from '@statebag/contracts';
import type { SideFigures } from '@statebag/rollout';
import type { RolloutChange } from '@statebag/runs';
import type { Sampled } from '../rollout/sides.ts';
import { durationText, table } from './amounts.ts';

interface Side extends SideFigures {
  readonly sampled: Sampled | null;
}

export interface RolloutReport {
  readonly stage: string;
  readonly settings: RolloutSettings;
  readonly v3: Side;
  readonly legacy: Side;
  readonly changes: readonly RolloutChange[];
}

const ROWS: readonly (readonly [string, (side: Side) => string])[] = [
  ['runs ended', ({ runs }) => String(runs)],
  ['failed', ({ failed, error_rate }) => (error_rate === null ? '–' : `${failed} (${percentText(error_rate)})`)],
  ['duration, median', ({ median_ms }) => known(median_ms, durationText)],
  ['transitions a run', ({ transitions }) => known(transitions, (value) => value.toFixed(1))],
  ['tokens a run', ({ tokens_usd }) => known(tokens_usd, (value) => `$${value.toFixed(5)}`)],
  ['S3 requests a run', ({ sampled }) => (sampled ? sampled.s3_requests.toFixed(1) : '–')],
  ['cost of 1,000 runs', ({ sampled }) => (sampled ? `$${sampled.usd_per_1000.toFixed(3)} (by ${sampled.runs})` : '–')],
  ['compared on v3', ({ compared }) => (compared === 0 ? '–' : String(compared))],
  ['diverged', ({ diverged, divergence }) => (divergence === null ? '–' : `${diverged} (${percentText(divergence)})`)],
];

/** Both generations side by side, and who changed what. */
export function statusText({ stage, settings, v3, legacy, changes }: RolloutReport): string {
  const since = settings.changed_at === undefined ? 'since it was deployed' : `since ${settings.changed_at}`;
  const head = `${stage}: ${settingsText(settings)}, ${since}`;
  const rows = [['', 'v3', 'legacy'], ...ROWS.map(([name, text]) => [name, text(v3), text(legacy)])];
  const where = legacy.diverged_where === null ? [] : [`the last divergence: ${legacy.diverged_where}`];
  return `${[head, '', table(rows), ...where, ...(changes.length === 0 ? [] : ['', 'changes']), ...changes.map(lineOf)].join('\n')}\n`;
}

/** What a change came to. */
export function changeText(change: RolloutChange): string {
  return `${lineOf(change)}\nA new run begins by it within 5 seconds; those that have begun stay where they are.\n`;
}

function lineOf({ revision, at, by, what, why, from, to }: RolloutChange): string {
  return `  ${revision}  ${at}  ${by}  ${what}: ${settingsText(from)} → ${settingsText(to)}${why === undefined ? '' : ` (${why})`}`;
}

function settingsText({ v3, sticky, overrides, shadow, kill_switch }: RolloutSettings): string {
  const named = Object.entries(overrides).map(([workflow, side]) => `${workflow} on ${side}`);
  return [
    `${v3} % on v3 by ${sticky}`,
    ...named,
    ...(shadow.on ? [`shadow of ${shadow.share} %`] : []),
    ...(kill_switch ? ['KILL SWITCH: all on legacy'] : []),
  ].join(', ');
}

function known(value: number | null, text: (value: number) => string): string {
  return value === null ? '–' : text(value);
}

function percentText(rate: number): string {
  return `${Number((rate * 100).toFixed(2))} %`;
}
