import { isMapping, listOf, type Plain } from './document.ts';
import { invalid, malformed } from './errors.ts';
import type { Template, TemplateResource } from './template.ts';

/** Logical ids in an order in which each comes after all that it needs. */
export function creationOrder(template: Template, ids: readonly string[]): string[] {
  const needs = new Map(ids.map((id) => [id, needsOf(id, template)]));
  const order: string[] = [];
  const waiting = new Set(ids);
  while (waiting.size > 0) {
    const ready = [...waiting].filter((id) => !needs.get(id)?.some((need) => waiting.has(need)));
    if (ready.length === 0)
      throw invalid(`Circular dependency between resources: [${circle(needs, waiting).sort().join(', ')}]`);
    for (const id of ready) waiting.delete(id);
    order.push(...ready);
  }
  return order;
}

/** What only waits for a circle is no part of it: it is taken away until nothing more can be. */
function circle(needs: ReadonlyMap<string, readonly string[]>, waiting: ReadonlySet<string>): string[] {
  const inside = new Set(waiting);
  for (let before = -1; before !== inside.size; ) {
    before = inside.size;
    for (const id of inside)
      if (![...inside].some((other) => needs.get(other)?.includes(id))) inside.delete(id);
  }
  return [...inside];
}

/** @throws ValidationError for a name that nothing in the template has */
export function refuseUnresolved(template: Template, ids: readonly string[]): void {
  const known = new Set([...ids, ...Object.keys(template.parameters)]);
  const wanted = ids.flatMap((id) => [
    ...referencesIn(template.resources[id]?.properties ?? {}),
    ...(template.resources[id]?.dependsOn.filter((each) => !(each in template.resources)) ?? []),
  ]);
  const missing = (names: readonly string[]): string[] =>
    [...new Set(names)].filter((name) => !name.startsWith('AWS::') && !known.has(name)).sort();
  const inResources = missing(wanted);
  if (inResources.length > 0)
    throw malformed(
      `Unresolved resource dependencies [${inResources.join(', ')}] in the Resources block of the template`,
    );
}

function needsOf(id: string, { resources }: Template): readonly string[] {
  const resource: TemplateResource | undefined = resources[id];
  return resource === undefined ? [] : [...resource.dependsOn, ...referencesIn(resource.properties)];
}

/** Names that the functions in a value refer to. */
function referencesIn(value: Plain): string[] {
  if (Array.isArray(value)) return value.flatMap((each: Plain) => referencesIn(each));
  if (!isMapping(value)) return [];
  return Object.entries(value).flatMap(([name, argument]) => {
    if (name === 'Ref') return [String(argument)];
    if (name === 'Fn::GetAtt')
      return [String(typeof argument === 'string' ? argument.split('.')[0] : listOf(argument)[0])];
    return name === 'Fn::Sub' ? substitutedIn(argument) : referencesIn(argument);
  });
}

function substitutedIn(argument: Plain): string[] {
  const [template, given] = typeof argument === 'string' ? [argument, {}] : listOf(argument);
  const values = isMapping(given) ? given : {};
  const names = [...String(template).matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name = '']) => name.trim());
  const own = names.filter((name) => !(name in values)).map((name) => name.split('.')[0] ?? '');
  return [...own, ...referencesIn(values)];
}
