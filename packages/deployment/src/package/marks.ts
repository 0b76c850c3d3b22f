/**
 * Stands in a packaged template where something else will: a parameter of a release, a choice of a project, a
 * resource of another service. No name of anything looks like it.
 */
export const markOf = (name: string) => `release.${name}.release`;
const MARK = /release\.(\w+)\.release/g;

/** Stands for the stage in a packaged template; as long as the name of a stage may be. */
export const STAGE_MARK = 'zzstagezz';

/** A text, or what CloudFormation fills in; undefined leaves the mark where it is. */
export type Filling =
  | string
  | { readonly Ref: string }
  | { readonly 'Fn::GetAtt': readonly [string, string] }
  | { readonly 'Fn::Sub': string };
type Fill = (name: string) => Filling | undefined;

/** The names of all marks in a value. */
export function marksIn(value: unknown): readonly string[] {
  return [...new Set([...JSON.stringify(value).matchAll(MARK)].map(([, name = '']) => name))];
}

/**
 * Marks become what `fill` says; a text that holds more than a reference becomes Fn::Sub, one that is
 * substituted already goes on being.
 */
export function withoutMarks(value: unknown, fill: Fill): unknown {
  if (typeof value === 'string') return filledText(value, fill);
  if (Array.isArray(value)) return value.map((each) => withoutMarks(each, fill));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      key === 'Fn::Sub' ? substituted(each, fill) : withoutMarks(each, fill),
    ]),
  );
}

function filledText(text: string, fill: Fill): unknown {
  if (!text.includes('release.')) return text;
  const plain = text.replaceAll(MARK, (mark, name: string) => {
    const filling = fill(name);
    return typeof filling === 'string' ? filling : mark;
  });
  const references = [...plain.matchAll(MARK)].filter(([, name = '']) => fill(name) !== undefined);
  const [first] = references;
  if (first === undefined) return plain;
  if (first[0] === plain) return fill(first[1] ?? '');
  return { 'Fn::Sub': inSub(plain.replaceAll('${', '${!'), fill) };
}

function substituted(argument: unknown, fill: Fill): unknown {
  if (!Array.isArray(argument)) return inSub(String(argument), fill);
  return [inSub(String(argument[0]), fill), withoutMarks(argument[1], fill)];
}

function inSub(text: string, fill: Fill): string {
  return text.replaceAll(MARK, (mark, name: string) => {
    const filling = fill(name);
    if (filling === undefined) return mark;
    if (typeof filling === 'string') return filling.replaceAll('${', '${!');
    if ('Fn::Sub' in filling) return filling['Fn::Sub'];
    return `\${${'Ref' in filling ? filling.Ref : filling['Fn::GetAtt'].join('.')}}`;
  });
}
