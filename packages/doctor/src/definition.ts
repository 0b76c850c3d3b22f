import { isJsonObject, type JsonObject } from '@statebag/contracts';
import { objectAt, objectsAt, textAt } from './json.ts';

/** A state in its place. Names are unique in a machine, as Step Functions demands. */
export interface Site {
  readonly name: string;
  /** JSON Pointer into the definition. */
  readonly pointer: string;
  readonly state: JsonObject;
  readonly language: 'JSONPath' | 'JSONata';
  /** The Map or Parallel that it is in. */
  readonly within: Site | undefined;
  /** The states it can go to: those of its own `States`. */
  readonly neighbours: JsonObject;
}

export interface Machine {
  readonly definition: JsonObject;
  readonly sites: ReadonlyMap<string, Site>;
}

/** Reads a definition as it is: what Step Functions would refuse is not this reader's concern. */
export function readMachine(definition: JsonObject): Machine {
  const language = definition['QueryLanguage'] === 'JSONata' ? 'JSONata' : 'JSONPath';
  const sites = sitesIn(definition, { pointer: '', language, within: undefined });
  return { definition, sites: new Map(sites.map((site) => [site.name, site])) };
}

export const isDefinition = (value: unknown): value is JsonObject =>
  isJsonObject(value) && isJsonObject(value['States']) && typeof value['StartAt'] === 'string';

type Around = Pick<Site, 'pointer' | 'language' | 'within'>;

function sitesIn(program: JsonObject, around: Around): readonly Site[] {
  const neighbours = objectAt(program, 'States');
  return Object.entries(neighbours).flatMap(([name, state]) => {
    if (!isJsonObject(state)) return [];
    const own = textAt(state, 'QueryLanguage');
    const site: Site = {
      name,
      state,
      neighbours,
      pointer: `${around.pointer}/States/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      language: own === 'JSONata' || own === 'JSONPath' ? own : around.language,
      within: around.within,
    };
    return [
      site,
      ...programsOf(site).flatMap(([field, inner]) => sitesIn(inner, innerOf(site, field, around))),
    ];
  });
}

const innerOf = (site: Site, field: string, { language }: Around): Around => ({
  pointer: `${site.pointer}/${field}`,
  language,
  within: site,
});

/** The programs inside of a state, each with the field that holds it. */
export function programsOf({ state }: Site): readonly (readonly [string, JsonObject])[] {
  const branches = objectsAt(state, 'Branches').map((each, index) => [`Branches/${index}`, each] as const);
  const loops = ['ItemProcessor', 'Iterator'].flatMap((field) => {
    const program = state[field];
    return isJsonObject(program) ? [[field, program] as const] : [];
  });
  return [...branches, ...loops];
}

export const typeOf = ({ state }: Site): string => textAt(state, 'Type') ?? '';
export const isTask = (site: Site): boolean => typeOf(site) === 'Task';
export const resourceOf = ({ state }: Site): string => textAt(state, 'Resource') ?? '';
export const waitsForToken = (site: Site): boolean => resourceOf(site).endsWith('.waitForTaskToken');
export const isLambda = (site: Site): boolean =>
  /^arn:aws[\w-]*:lambda:/.test(resourceOf(site)) || /:states:::lambda:invoke/.test(resourceOf(site));

/** Items of a distributed Map are executions of their own, with their own limits. */
export const isDistributed = (site: Site): boolean =>
  typeOf(site) === 'Map' &&
  objectAt(objectAt(site.state, 'ItemProcessor'), 'ProcessorConfig')['Mode'] === 'DISTRIBUTED';

/** Where a state may go, in the order of its definition; `caught` ways begin with an error. */
export function waysFrom({ state }: Site): readonly { readonly to: string; readonly catcher?: JsonObject }[] {
  const direct = ['Next', 'Default'].flatMap((field) => textAt(state, field) ?? []);
  const chosen = objectsAt(state, 'Choices').flatMap((rule) => textAt(rule, 'Next') ?? []);
  const caught = objectsAt(state, 'Catch').flatMap((catcher) => {
    const to = textAt(catcher, 'Next');
    return to === undefined ? [] : [{ to, catcher }];
  });
  return [...[...chosen, ...direct].map((to) => ({ to })), ...caught];
}

/** Loops of the graph: the states of each circle, in the order in which they follow each other. */
export function circlesOf({ sites }: Machine): readonly (readonly Site[])[] {
  const found = new Map<string, readonly Site[]>();
  for (const site of sites.values()) {
    const circle = wayBack(sites, site);
    const names = circle?.map(({ name }) => name).sort();
    if (circle && names && !found.has(names.join('\n'))) found.set(names.join('\n'), circle);
  }
  return [...found.values()];
}

/** The shortest way from a state to itself. */
function wayBack(sites: Machine['sites'], start: Site): readonly Site[] | undefined {
  const seen = new Set<string>();
  let ways: (readonly Site[])[] = [[start]];
  while (ways.length > 0) {
    const longer: (readonly Site[])[] = [];
    for (const way of ways) {
      for (const { to } of waysFrom(way.at(-1) ?? start)) {
        if (to === start.name) return way;
        const next = sites.get(to);
        if (!next || seen.has(to)) continue;
        seen.add(to);
        longer.push([...way, next]);
      }
    }
    ways = longer;
  }
  return undefined;
}

/** Events that one visit of a state adds to a history when all goes well, what is inside of it left out. */
export function eventsOf(site: Site): number {
  if (isTask(site)) return resourceOf(site).match(/\.(sync|waitForTaskToken)/) ? 6 : 5;
  if (typeOf(site) === 'Parallel' || typeOf(site) === 'Map') return 4;
  return typeOf(site) === 'Fail' ? 1 : 2;
}
