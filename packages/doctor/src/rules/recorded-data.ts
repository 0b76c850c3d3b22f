import type { Json } from '@statebag/contracts';
import type { Site } from '../definition.ts';
import type { Recorded, Visit } from '../history.ts';
import type { Case } from '../rule.ts';

/** The value of recorded data; undefined where it was not recorded. */
export const dataOf = (given: Recorded | undefined): Json | undefined =>
  given && 'text' in given ? parsed(given.text) : undefined;

const parsed = (text: string): Json => JSON.parse(text);

export const sizeOf = (given: Recorded | undefined): number | undefined =>
  given && 'text' in given ? given.bytes : undefined;

/** The largest data that the history shows, and what it was. */
export function largestOf(
  visits: readonly Visit[],
): { visit: Visit; what: string; bytes: number; recorded: Recorded } | undefined {
  let largest: { visit: Visit; what: string; bytes: number; recorded: Recorded } | undefined;
  for (const visit of visits) {
    const attempt = visit.attempts.at(-1);
    const seen = [
      ['the output', visit.output],
      ['the input', visit.input],
      ['the result of the call', attempt?.result],
      ['the arguments of the call', attempt?.argument],
    ] as const;
    for (const [what, recorded] of seen) {
      const bytes = sizeOf(recorded);
      if (recorded && bytes !== undefined && bytes > (largest?.bytes ?? 0))
        largest = { visit, what, bytes, recorded };
    }
  }
  return largest;
}

/** The definition of a state, where it is at hand. */
export const siteOf = ({ machine }: Case, name: string): Site | undefined => machine?.sites.get(name);
