import { isId } from '@statebag/contracts/ids';
import type { RolloutSettings } from '@statebag/contracts/schemas/rollout';
import { UsageError } from '../exit.ts';

export interface SetOptions {
  readonly v3?: string;
  readonly sticky?: string;
  readonly override?: readonly string[];
  readonly killSwitch?: string;
}

/** The settings that the options of `set` ask for. @throws UsageError naming the option */
export function wantedSettings(
  from: RolloutSettings,
  { v3, sticky, override, killSwitch }: SetOptions,
): RolloutSettings {
  if ([v3, sticky, override, killSwitch].every((given) => given === undefined))
    throw new UsageError(
      'set: nothing to set\n  mend: give at least one of --v3, --sticky, --override and --kill-switch',
    );
  return {
    ...from,
    v3: v3 === undefined ? from.v3 : percentOf('--v3', v3),
    sticky: sticky === undefined ? from.sticky : wordOf('--sticky', sticky, ['workflow', 'run']),
    kill_switch: killSwitch === undefined ? from.kill_switch : onOrOff('--kill-switch', killSwitch),
    overrides: override === undefined ? from.overrides : withOverrides(from.overrides, override),
  };
}

/** @throws UsageError */
export function percentOf(option: string, text: string): number {
  const percent = Number(text);
  if (/^\d{1,3}(\.\d{1,3})?$/.test(text) && percent <= 100) return percent;
  throw new UsageError(`${option} ${text}: not a percentage\n  mend: give a number from 0 to 100`);
}

/** @throws UsageError */
export function onOrOff(option: string, text: string): boolean {
  return wordOf(option, text, ['on', 'off']) === 'on';
}

function wordOf<const Words extends readonly string[]>(
  option: string,
  text: string,
  words: Words,
): Words[number] {
  if (words.includes(text)) return text;
  throw new UsageError(
    `${option} ${text}: unknown\n  mend: give ${words.map((word) => `"${word}"`).join(' or ')}`,
  );
}

function withOverrides(
  overrides: RolloutSettings['overrides'],
  given: readonly string[],
): RolloutSettings['overrides'] {
  const next = new Map<string, string>(Object.entries(overrides));
  for (const text of given) {
    const [workflow, side = ''] = text.split('=');
    if (!isId(workflow))
      throw new UsageError(
        `--override ${text}: not <workflow>=<side>\n  mend: give for example --override billing=v3`,
      );
    if (wordOf('--override', side, ['v3', 'legacy', 'none']) === 'none') next.delete(workflow);
    else next.set(workflow, side);
  }
  return Object.fromEntries(next) as RolloutSettings['overrides']; // ids and sides were checked
}
