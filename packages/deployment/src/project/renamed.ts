import type { Template } from '../package/template.ts';

/** A template whose resources have other logical ids, with everything that refers to them. */
export function renamed(template: Template, nameOf: (id: string) => string): Template {
  const names = new Map(Object.keys(template.Resources).map((id) => [id, nameOf(id)]));
  const { Resources, Outputs = {} } = template;
  return {
    ...template,
    Resources: Object.fromEntries(
      Object.entries(Resources).map(([id, resource]) => [
        names.get(id) ?? id,
        // of the same form
        inValue(resource, names) as typeof resource,
      ]),
    ),
    Outputs: inValue(Outputs, names) as typeof Outputs,
  };
}

type Names = ReadonlyMap<string, string>;

function inValue(value: unknown, names: Names): unknown {
  if (Array.isArray(value)) return value.map((each) => inValue(each, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inMember(key, each, names)]));
}

function inMember(key: string, value: unknown, names: Names): unknown {
  const called = (name: unknown) => names.get(String(name)) ?? name;
  if (key === 'Ref') return called(value);
  if (key === 'DependsOn') return Array.isArray(value) ? value.map(called) : called(value);
  if (key === 'Fn::GetAtt') {
    const [id, ...attribute] = Array.isArray(value) ? value : String(value).split('.');
    return [called(id), ...attribute];
  }
  if (key !== 'Fn::Sub') return inValue(value, names);
  if (!Array.isArray(value)) return inText(String(value), names);
  return [inText(String(value[0]), names), inValue(value[1], names)];
}

function inText(text: string, names: Names): string {
  return text.replaceAll(/\$\{([A-Za-z0-9]+)(\.[^}]+)?\}/g, (whole, id: string, attribute = '') => {
    const name = names.get(id);
    return name === undefined ? whole : `\${${name}${attribute}}`;
  });
}
