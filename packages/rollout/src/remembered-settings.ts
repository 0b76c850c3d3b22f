import type { RolloutSettings } from '@statebag/contracts';

export type ReadSettings = () => Promise<RolloutSettings>;

/** A change of the weight takes effect within this time. */
export const REMEMBERED_MS = 3_000;

/** Reads the settings anew when they are older than `REMEMBERED_MS`. Settings that cannot be read are an error: nobody knows what was switched off meanwhile. */
export function rememberedSettings(read: ReadSettings, now: () => number): ReadSettings {
  let last: { readonly at: number; readonly settings: Promise<RolloutSettings> } | undefined;
  return () => {
    if (last === undefined || now() - last.at >= REMEMBERED_MS) {
      const asked = { at: now(), settings: read() };
      last = asked;
      asked.settings.catch(() => {
        if (last === asked) last = undefined;
      });
    }
    return last.settings;
  };
}
