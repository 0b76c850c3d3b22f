import type { RolloutSettings, StartSettings } from '@statebag/contracts/schemas/rollout';
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
  [
    'failed',
    ({ failed, error_rate }) => (error_rate === null ? '–' : `${failed} (${percentText(error_rate)})`),
  ],
  ['duration, median', ({ median_ms }) => known(median_ms, durationText)],
  ['transitions a run', ({ sampled }) => (sampled ? sampled.transitions.toFixed(1) : '–')],
  ['tokens a run', ({ tokens_usd }) => known(tokens_usd, (value) => `$${value.toFixed(5)}`)],
  ['S3 requests a run', ({ sampled }) => (sampled ? sampled.s3_requests.toFixed(1) : '–')],
  [
    'cost of 1,000 runs',
    ({ sampled }) => (sampled ? `$${sampled.usd_per_1000.toFixed(3)} (by ${sampled.runs})` : '–'),
  ],
  ['compared on v3', ({ compared }) => (compared === 0 ? '–' : String(compared))],
  [
    'diverged',
    ({ diverged, divergence }) => (divergence === null ? '–' : `${diverged} (${percentText(divergence)})`),
  ],
];

/** The figures of both generations beside each other, and the last changes: who changed what. */
export function statusText({ stage, settings, v3, legacy, changes }: RolloutReport): string {
  const since = settings.changed_at === undefined ? 'since it was deployed' : `since ${settings.changed_at}`;
  const head = `${stage}: ${settingsText(settings)}, ${since}`;
  const rows = [['', 'v3', 'legacy'], ...ROWS.map(([name, text]) => [name, text(v3), text(legacy)])];
  const lines = [head, '', table(rows)];
  if (legacy.diverged_where !== null) lines.push(`the last divergence: ${legacy.diverged_where}`);
  if (changes.length > 0) lines.push('', 'changes', ...changes.map(lineOf));
  return `${lines.join('\n')}\n`;
}

const WHEN = 'New runs follow this within 5 seconds. Runs that have started stay where they are.';

/** A change of the settings, and from when it counts. */
export function changeText(change: RolloutChange): string {
  return `${lineOf(change)}\n${WHEN}\n`;
}

function lineOf({ revision, at, by, what, why, from, to }: RolloutChange): string {
  const reason = why === undefined ? '' : ` (${why})`;
  return `  ${revision}  ${at}  ${by}  ${what}: ${settingsText(from)} → ${settingsText(to)}${reason}`;
}

function settingsText({ v3, sticky, overrides, shadow, kill_switch, starts }: RolloutSettings): string {
  const parts = [`${v3} % on v3 by ${sticky}`];
  for (const [workflow, side] of Object.entries(overrides)) parts.push(`${workflow} on ${side}`);
  if (shadow.on) parts.push(`shadow of ${shadow.share} %`);
  if (kill_switch) parts.push('KILL SWITCH: all on legacy');
  if (starts) parts.push(startsText(starts));
  return parts.join(', ');
}

function known(value: number | null, text: (value: number) => string): string {
  return value === null ? '–' : text(value);
}

function percentText(rate: number): string {
  return `${Number((rate * 100).toFixed(2))} %`;
}

function startsText({ per_second, waiting, open_runs, owners = {} }: StartSettings): string {
  const parts = Object.entries({ 'a second': per_second, waiting, open: open_runs })
    .filter(([, limit]) => limit !== undefined)
    .map(([name, limit]) => `${limit} ${name}`);
  for (const [owner, own] of Object.entries(owners)) {
    const said = [
      ...(own.open_runs === undefined ? [] : [`${own.open_runs} open`]),
      ...(own.priority === undefined ? [] : [`priority ${own.priority}`]),
    ];
    parts.push(`${owner}: ${said.join(', ')}`);
  }
  return `starts (${parts.join('; ') || 'no limits'})`;
}
