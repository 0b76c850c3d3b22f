import type { RolloutSettings } from '@statebag/contracts/schemas/rollout';
import { changeRollout, judge, readSettings } from '@statebag/rollout';
import type { RolloutChange } from '@statebag/runs';
import { EXIT, UsageError } from '../exit.ts';
import { changeText, statusText } from '../render/rollout-text.ts';
import { type RolloutOptions, withRollout } from '../rollout/open-rollout.ts';
import { endsSince, sampled, sidesOf } from '../rollout/sides.ts';
import { onOrOff, percentOf, type SetOptions, wantedSettings } from '../rollout/wanted-settings.ts';

const CHANGES_SHOWN = 10;
const MOST_SAMPLED = 200;

/** `statebag rollout status`. */
export function status(options: RolloutOptions & { readonly sample: string }): Promise<number> {
  const sample = sampleOf(options.sample);
  return withRollout(options, async (rollout) => {
    const settings = await readSettings(rollout.ssm, rollout.parameter);
    const ends = await endsSince(rollout, settings);
    const { v3, legacy } = sidesOf(ends);
    const report = {
      stage: rollout.stage,
      settings,
      v3: { ...v3, sampled: await sampled(rollout, ends.v3.slice(0, sample)) },
      legacy: { ...legacy, sampled: await sampled(rollout, ends.legacy.slice(0, sample)) },
      changes: await rollout.runs.listChanges(CHANGES_SHOWN),
    };
    print(options, report, statusText(report));
    return EXIT.succeeded;
  });
}

function sampleOf(text: string): number {
  const sample = Number(text);
  if (/^\d{1,3}$/.test(text) && sample <= MOST_SAMPLED) return sample;
  throw new UsageError(
    `--sample ${text}: not a number up to ${MOST_SAMPLED}\n  mend: give a number from 0 to ${MOST_SAMPLED}`,
  );
}

/** `statebag rollout set`. */
export function set(options: RolloutOptions & SetOptions): Promise<number> {
  return change(options, (from) => ({ what: 'set', to: wantedSettings(from, options) }));
}

/** `statebag rollout shadow on|off`. */
export function shadow(
  state: string,
  options: RolloutOptions & { readonly share?: string },
): Promise<number> {
  const on = onOrOff('shadow', state);
  return change(options, (from) => {
    const share = options.share === undefined ? from.shadow.share : percentOf('--share', options.share);
    return { what: `shadow ${state}`, to: { ...from, shadow: { on, share } } };
  });
}

/** `statebag rollout promote`. */
export function promote(options: RolloutOptions): Promise<number> {
  return change(options, (from) => ({ what: 'promote', to: { ...from, v3: 100, kill_switch: false } }));
}

/** `statebag rollout rollback`. */
export function rollback(options: RolloutOptions): Promise<number> {
  return change(options, (from) => ({ what: 'rollback', to: takenBack(from) }));
}

/** `statebag rollout advance`. */
export function advance(options: RolloutOptions): Promise<number> {
  return withRollout(options, async (rollout) => {
    const from = await readSettings(rollout.ssm, rollout.parameter);
    if (from.kill_switch)
      throw new UsageError('advance: the kill switch is on\n  mend: statebag rollout set --kill-switch off');
    const judged = judge(from.v3, sidesOf(await endsSince(rollout, from)));
    if (judged.verdict === 'stay') {
      print(options, { ...judged, change: null }, `stays at ${from.v3} %: ${judged.why}\n`);
      return EXIT.runFailed;
    }
    const to = judged.verdict === 'advance' ? { ...from, v3: judged.to } : takenBack(from);
    const changed = await changeRollout(rollout, {
      what: judged.verdict === 'advance' ? 'advance' : 'advance: rolled back',
      why: judged.why,
      from,
      to,
    });
    print(options, { ...judged, change: changed }, changeText(changed));
    return judged.verdict === 'advance' ? EXIT.succeeded : EXIT.runFailed;
  });
}

/** All new runs start on legacy; overrides that send a workflow to v3 are removed. */
function takenBack(from: RolloutSettings): RolloutSettings {
  const kept = Object.entries(from.overrides).filter(([, side]) => side === 'legacy');
  // a part of the overrides, which were checked when they were set
  const overrides = Object.fromEntries(kept) as RolloutSettings['overrides'];
  return { ...from, v3: 0, overrides };
}

type Planned = (from: RolloutSettings) => { readonly what: string; readonly to: RolloutSettings };

function change(options: RolloutOptions, plan: Planned): Promise<number> {
  return withRollout(options, async (rollout) => {
    const from = await readSettings(rollout.ssm, rollout.parameter);
    const changed: RolloutChange = await changeRollout(rollout, { ...plan(from), from });
    print(options, changed, changeText(changed));
    return EXIT.succeeded;
  });
}

function print({ json = false }: RolloutOptions, value: object, text: string): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : text);
}
