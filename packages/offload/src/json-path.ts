import { isObject, type Json } from './json.ts';
import { OffloadError } from './offload-error.ts';

/** One step of a path: a member, or every element of a list. */
export type Step = { readonly member: string } | { readonly every: true };
export type Path = readonly Step[];

const STEP = /^(?:\.?([A-Za-z_$][\w$-]*)|\[\*\]|\["((?:[^"\\]|\\.)+)"\])/;

/**
 * `a.b`, `items[*].id`, `["a key"].b`; a leading `$.` is allowed.
 * @throws `Offload.Misconfigured` naming the path.
 */
export function parsePath(text: string): Path {
  const steps: Step[] = [];
  let rest = text.replace(/^\$\.?(?=.)/, '');
  while (rest !== '') {
    const [step, member, quoted] = STEP.exec(rest) ?? [];
    if (step === undefined) {
      throw new OffloadError(
        'Offload.Misconfigured',
        `${JSON.stringify(text)} is no path like a.b or items[*].id`,
      );
    }
    const name = member ?? (quoted === undefined ? undefined : (JSON.parse(`"${quoted}"`) as string)); // a JSON string
    steps.push(name === undefined ? { every: true } : { member: name });
    rest = rest.slice(step.length);
  }
  return steps;
}

/** The paths that lead on through a member or an element, each without its first step. */
export function through(paths: readonly Path[], key: string | number): readonly Path[] {
  const fits = (step: Step | undefined) =>
    step !== undefined &&
    (typeof key === 'number' ? 'every' in step : 'member' in step && step.member === key);
  return paths.filter(([first]) => fits(first)).map(([, ...rest]) => rest);
}

/** Children of a value with their keys. */
export function childrenOf(value: Json): readonly (readonly [string | number, Json])[] {
  if (Array.isArray(value)) return value.map((element: Json, index) => [index, element] as const);
  return isObject(value) ? Object.entries(value) : [];
}
