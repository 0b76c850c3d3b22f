import type { SideFigures } from './side-figures.ts';

/** The weights a rollout takes, one after the other. */
export const STEPS = [1, 10, 50, 100] as const;

/** The first step above a weight; nothing above the last. */
export function nextStep(v3: number): number | undefined {
  return STEPS.find((step) => step > v3);
}

/** How far v3 may lie off before it is taken back. */
export interface RolloutLimits {
  /** Runs that a side must have ended since the weight was changed. */
  readonly runs: number;
  /** By so much the share of failed runs may be higher than on legacy. */
  readonly errorRate: number;
  /** So many times as long as on legacy a run may take in the median. */
  readonly duration: number;
  /** The share of compared runs that may differ. */
  readonly divergence: number;
}

export const LIMITS: RolloutLimits = { runs: 200, errorRate: 0.01, duration: 1.25, divergence: 0 };

export interface Sides {
  readonly v3: SideFigures;
  readonly legacy: SideFigures;
}

export type Judgement =
  | { readonly verdict: 'advance'; readonly to: number; readonly why: string }
  | { readonly verdict: 'stay' | 'roll back'; readonly why: string };

/**
 * Whether the next step may be taken. What speaks against v3 goes before what is still missing; at 0 % v3 is
 * known by its shadow alone.
 */
export function judge(v3Percent: number, sides: Sides, limits: RolloutLimits = LIMITS): Judgement {
  const against = objections(sides, limits);
  if (against.length > 0) return { verdict: 'roll back', why: against.join('; ') };
  const to = nextStep(v3Percent);
  if (to === undefined) return { verdict: 'stay', why: 'all runs begin on v3 already' };
  const missing = gaps(v3Percent, sides, limits);
  return missing.length > 0
    ? { verdict: 'stay', why: missing.join('; ') }
    : { verdict: 'advance', to, why: `inside all limits: ${evidence(sides)}` };
}

/** A rate or a time says something only over enough runs; a single divergence does at once. */
function objections(
  { v3, legacy }: Sides,
  { runs, errorRate, duration, divergence }: RolloutLimits,
): string[] {
  const enough = v3.runs >= runs && legacy.runs >= runs;
  const [v3Errors, legacyErrors] = [v3.error_rate ?? 0, legacy.error_rate ?? 0];
  const [v3Ms, legacyMs] = [v3.median_ms ?? 0, legacy.median_ms ?? 0];
  return [
    ...(enough && v3Errors > legacyErrors + errorRate
      ? [
          `${percent(v3Errors)} of the runs on v3 failed, ${percent(legacyErrors)} on legacy; ${percent(errorRate)} more are allowed`,
        ]
      : []),
    ...(enough && v3Ms > legacyMs * duration
      ? [`a run takes ${v3Ms} ms on v3, ${legacyMs} ms on legacy; ${duration} times as long is allowed`]
      : []),
    ...((legacy.divergence ?? 0) > divergence
      ? [
          `${legacy.diverged} of ${legacy.compared} compared runs came to something else on v3, the last: ${legacy.diverged_where}`,
        ]
      : []),
  ];
}

function gaps(v3Percent: number, { v3, legacy }: Sides, { runs }: RolloutLimits): string[] {
  return [
    ...(v3Percent > 0 && v3.runs < runs ? [`${v3.runs} of ${runs} runs have ended on v3`] : []),
    ...(legacy.runs < runs ? [`${legacy.runs} of ${runs} runs have ended on legacy`] : []),
    ...(legacy.compared === 0 ? ['no run was compared: statebag rollout shadow on'] : []),
  ];
}

function evidence({ v3, legacy }: Sides): string {
  return `${v3.runs} runs on v3 (${percent(v3.error_rate ?? 0)} failed), ${legacy.runs} on legacy (${percent(legacy.error_rate ?? 0)}), ${legacy.compared} compared`;
}

function percent(rate: number): string {
  return `${Number((rate * 100).toFixed(2))} %`;
}
