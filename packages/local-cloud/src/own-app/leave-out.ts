import { isMapping, listOf, type Mapping, type Plain } from '../cloudformation/document.ts';

/**
 * A template without the resources of some types, and with a text wherever something refers to them: what an
 * application can do without is no reason not to run it. `*` stands for any letters; a name without `::` is
 * that of an event of SAM.
 */
export function leaveOut(
  template: Mapping,
  types: readonly string[],
): { readonly template: Mapping; readonly leftOut: readonly string[] } {
  if (types.length === 0) return { template, leftOut: [] };
  const isUnwanted = matcherOf(types);
  const resources = isMapping(template['Resources']) ? template['Resources'] : {};
  const entries = Object.entries(resources);
  const unwanted = entries.filter(([, each]) => isMapping(each) && isUnwanted(String(each['Type'])));
  const ids = new Set(unwanted.map(([id]) => id));
  const kept = entries
    .filter(([id]) => !ids.has(id))
    .map(([id, resource]) => [id, withoutEvents(withoutDependencies(resource, ids), isUnwanted)] as const);
  return {
    template: standIns({ ...template, Resources: Object.fromEntries(kept) }, ids),
    leftOut: unwanted.map(([id, each]) => `${id} (${isMapping(each) ? String(each['Type']) : ''})`),
  };
}

function matcherOf(types: readonly string[]): (type: string) => boolean {
  const patterns = types.map((type) => new RegExp(`^${type.replaceAll('*', '.*')}$`));
  return (type) => patterns.some((pattern) => pattern.test(type));
}

function withoutDependencies(resource: Plain, ids: ReadonlySet<string>): Plain {
  if (!isMapping(resource) || resource['DependsOn'] === undefined) return resource;
  return { ...resource, DependsOn: listOf(resource['DependsOn']).filter((id) => !ids.has(String(id))) };
}

function withoutEvents(resource: Plain, isUnwanted: (type: string) => boolean): Plain {
  const properties = isMapping(resource) ? resource['Properties'] : undefined;
  const events = isMapping(properties) ? properties['Events'] : undefined;
  if (!isMapping(resource) || !isMapping(properties) || !isMapping(events)) return resource;
  const kept = Object.entries(events).filter(
    ([, event]) => !(isMapping(event) && isUnwanted(String(event['Type']))),
  );
  return { ...resource, Properties: { ...properties, Events: Object.fromEntries(kept) } };
}

function standIns(value: Mapping, ids: ReadonlySet<string>): Mapping {
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, standIn(each, ids)]));
}

function standIn(value: Plain, ids: ReadonlySet<string>): Plain {
  if (Array.isArray(value)) return listOf(value).map((each) => standIn(each, ids));
  if (!isMapping(value)) return value;
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Sub': text } = value;
  if (typeof ref === 'string' && ids.has(ref)) return textFor(ref);
  if (attribute !== undefined) {
    const [id = '', name = ''] = typeof attribute === 'string' ? attribute.split('.') : listOf(attribute);
    return ids.has(String(id)) ? textFor(`${id}.${name}`) : value;
  }
  if (typeof text === 'string') return { 'Fn::Sub': substituted(text, ids) };
  if (Array.isArray(text)) {
    const [template = '', ...values] = listOf(text);
    const others = values.map((each) => standIn(each, ids));
    return { 'Fn::Sub': [substituted(String(template), ids), ...others] };
  }
  return standIns(value, ids);
}

function substituted(text: string, ids: ReadonlySet<string>): string {
  return text.replaceAll(/\$\{([\w.]+)\}/g, (whole, name: string) =>
    ids.has(name.split('.')[0] ?? '') ? textFor(name) : whole,
  );
}

function textFor(name: string): string {
  return `arn:aws:left-out:::${name}`;
}
