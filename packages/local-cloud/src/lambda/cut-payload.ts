import type { KeptText } from '@statebag/states';

/** A payload without the texts that the journal has elsewhere, each of which is named by its place. */
export interface CutPayload {
  readonly rest: string;
  /** In the order of their places, which count characters of `rest`. */
  readonly cuts: readonly Cut[];
}

interface Cut {
  readonly at: number;
  readonly name: string;
}

/** Takes texts out of a JSON payload where they stand in it as strings; `whole` puts them back. */
export function cut(payload: string, kept: readonly KeptText[]): CutPayload {
  const found = kept
    .map(({ name, text }) => ({ name, quoted: JSON.stringify(text) }))
    .map(({ name, quoted }) => ({ name, quoted, from: payload.indexOf(quoted) }))
    .filter(({ from }) => from >= 0)
    .sort((a, b) => a.from - b.from);
  let [rest, read] = ['', 0];
  const cuts: Cut[] = [];
  for (const { name, quoted, from } of found) {
    if (from < read) continue; // it stands in another one
    rest += payload.slice(read, from);
    read = from + quoted.length;
    cuts.push({ at: rest.length, name });
  }
  return { rest: rest + payload.slice(read), cuts };
}

/** The payload that was cut. */
export function whole({ rest, cuts }: CutPayload, textOf: (name: string) => string): string {
  const pieces = cuts.map(
    ({ at, name }, index) => JSON.stringify(textOf(name)) + rest.slice(at, cuts[index + 1]?.at),
  );
  return rest.slice(0, cuts[0]?.at) + pieces.join('');
}
