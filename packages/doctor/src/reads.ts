import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { type Machine, programsOf, type Site, typeOf, waysFrom } from './definition.ts';
import { objectAt, objectsAt, stepsOf, textAt, textsIn } from './json.ts';

/** Members of a state's data, from the outermost inwards. No member at all: the whole. */
export type Steps = readonly string[];

/**
 * What a state reads of its input, and whether what it hands on still has the input's members in their
 * places.
 */
interface Use {
  readonly reads: readonly Steps[];
  readonly keepsInput: boolean;
}

/** Members that states after this one read, by their place in this state's output. */
export function readAfter({ sites }: Machine, site: Site): readonly Steps[] {
  const reads: Steps[] = [];
  const seen = new Set<string>();
  const next = onward(site);
  for (let name = next.pop(); name !== undefined; name = next.pop()) {
    const reached = sites.get(name);
    if (!reached || seen.has(name)) continue;
    seen.add(name);
    const use = useOf(reached);
    reads.push(...use.reads);
    if (use.keepsInput) next.push(...onward(reached));
  }
  return reads;
}

/** Where the output of a state goes; a way of a Catch without ResultPath begins with the error alone. */
function onward(site: Site): string[] {
  return waysFrom(site)
    .filter(({ catcher }) => catcher === undefined || keepsInputOf(site, catcher))
    .map(({ to }) => to);
}

const keepsInputOf = (site: Site, catcher: JsonObject): boolean =>
  site.language === 'JSONata'
    ? mentions(catcher['Output'] ?? null, /\$states\.input/)
    : textAt(catcher, 'ResultPath') !== undefined && catcher['ResultPath'] !== '$';

const mentions = (value: Json, what: RegExp): boolean => textsIn(value).some((text) => what.test(text));

function useOf(site: Site): Use {
  return site.language === 'JSONata' ? useOfQuery(site) : useOfPaths(site);
}

const PATH_IN_TEXT = /(?<![\w$])\$(?!\$)(?:\.[\p{L}_][\p{L}\p{N}_-]*|\['[^']*'\]|\[\d+\])*/gu;

/** Members that the paths in a text lead to; what a filter or a wildcard follows is read whole. */
function pathsIn(text: string): readonly Steps[] {
  return [...text.matchAll(PATH_IN_TEXT)].map(([path]) => stepsOf(path) ?? []);
}

const WORKS_ON_ALL: ReadonlySet<string> = new Set(['Task', 'Map', 'Parallel']);

function useOfPaths(site: Site): Use {
  const { state } = site;
  const inputPath = textAt(state, 'InputPath') ?? '$';
  const base = stepsOf(inputPath) ?? [];
  const chosen = templatesOf(site);
  const own = [
    ...(inputPath === '$' ? [] : [base]),
    ...chosen.flatMap((template) => textsIn(pathMembers(template)).flatMap(pathsIn)),
    ...pathFieldsOf(state).flatMap(pathsIn),
    ...(chosen.length === 0 && WORKS_ON_ALL.has(typeOf(site)) ? readByWork(site) : []),
  ];
  const outputPath = textAt(state, 'OutputPath') ?? '$';
  const reads = own.map((steps) => [...base, ...steps]);
  return {
    reads: outputPath === '$' ? reads : [...reads, stepsOf(outputPath) ?? []],
    keepsInput: outputPath === '$' && keepsInput(site),
  };
}

/** Without Parameters the work gets everything; in a Parallel that is what its branches read. */
function readByWork(site: Site): readonly Steps[] {
  if (typeOf(site) === 'Map') return typeof site.state['ItemsPath'] === 'string' ? [] : [[]];
  if (typeOf(site) === 'Task') return [[]];
  return programsOf(site).flatMap(([, program]) =>
    Object.entries(objectAt(program, 'States')).flatMap(([name, state]) =>
      isJsonObject(state) ? useOfPaths({ ...site, name, state, within: site }).reads : [],
    ),
  );
}

const templatesOf = ({ state }: Site): readonly JsonObject[] =>
  ['Parameters', 'ItemSelector'].flatMap((field) => {
    const template = state[field];
    return isJsonObject(template) ? [template] : [];
  });

/** Of a template only the members whose names end with `.$`. */
function pathMembers(template: Json): Json {
  if (Array.isArray(template)) return template.map(pathMembers);
  if (!isJsonObject(template)) return null;
  return Object.entries(template).map(([name, value]) => (name.endsWith('.$') ? value : pathMembers(value)));
}

/** Fields whose value is a path by their name: Variable, ItemsPath, SecondsPath and so on. */
function pathFieldsOf(state: JsonObject): readonly string[] {
  const here = Object.entries(state).flatMap(([field, value]) => {
    if (typeof value !== 'string' || /^(InputPath|OutputPath|ResultPath)$/.test(field)) return [];
    return field === 'Variable' || field.endsWith('Path') ? [value] : [];
  });
  const rules = ['Choices', 'And', 'Or'].flatMap((field) => objectsAt(state, field).flatMap(pathFieldsOf));
  const not = state['Not'];
  return [...here, ...rules, ...(isJsonObject(not) ? pathFieldsOf(not) : [])];
}

/** Whether the input's members are still where they were in the output. */
function keepsInput(site: Site): boolean {
  const { state } = site;
  const place = state['ResultPath'];
  if (place === null) return true;
  if (typeof place === 'string' && place !== '$') return true;
  const hasResult = WORKS_ON_ALL.has(typeOf(site)) || 'Result' in state || 'Parameters' in state;
  return !hasResult && (textAt(state, 'InputPath') ?? '$') === '$';
}

const INPUT_IN_TEXT = /\$states\.input((?:\.[\p{L}_][\p{L}\p{N}_]*|\.`[^`]*`|\[\d+\])*)/gu;

function useOfQuery(site: Site): Use {
  const { state } = site;
  const { Output, ...rest } = state;
  const texts = textsIn(withoutPrograms(rest));
  const mentioned = texts.some((text) => text.includes('$states.input'));
  const works = WORKS_ON_ALL.has(typeOf(site)) && !('Arguments' in state) && !('Items' in state);
  const reads = [...texts, ...textsIn(Output ?? null)].flatMap(inputsIn);
  const wholly = works && !mentioned ? [[]] : [];
  return {
    reads: [...reads, ...wholly],
    keepsInput: Output === undefined && !WORKS_ON_ALL.has(typeOf(site)),
  };
}

const withoutPrograms = ({
  ItemProcessor: _,
  Iterator: __,
  Branches: ___,
  ...state
}: JsonObject): JsonObject => state;

/** Members of the input that a JSONata expression names. */
export function inputsIn(text: string): readonly Steps[] {
  return [...text.matchAll(INPUT_IN_TEXT)].map(([, path = '']) =>
    [...path.matchAll(/\.`([^`]*)`|\.([\p{L}_][\p{L}\p{N}_]*)|\[(\d+)\]/gu)].map(
      ([, quoted, plain, index]) => quoted ?? plain ?? index ?? '',
    ),
  );
}

/**
 * Reads below a place, by their steps from there; a read of something around it is one of the whole place.
 */
export function below(reads: readonly Steps[], place: Steps): readonly Steps[] {
  return reads.flatMap((steps) => {
    const common = place.every((step, index) => steps[index] === undefined || steps[index] === step);
    return common ? [steps.slice(place.length)] : [];
  });
}

/** The reads that no other read covers, each once. */
export function outermost(reads: readonly Steps[]): readonly Steps[] {
  const once = [...new Map(reads.map((steps) => [JSON.stringify(steps), steps])).values()];
  return once.filter(
    (steps) =>
      !once.some(
        (other) => other.length < steps.length && other.every((step, index) => step === steps[index]),
      ),
  );
}
