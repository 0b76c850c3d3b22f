import { createHash } from 'node:crypto';
import { mappingsIn, members, type Template } from '../package/template.ts';
import { renamed } from './renamed.ts';

const TYPE = 'AWS::Lambda::Version';

/**
 * A version of a function is called after all that it is made of: its code, its settings, and the versions that
 * these name. So a change publishes a new one of this function and of those that call it, and of no other.
 */
export function withVersions(template: Template, sha256Of: ReadonlyMap<string, string>): Template {
  const { Resources } = template;
  const functionOf = (id: string): string | undefined => {
    const version = Resources[id];
    const called = members(version?.Properties?.['FunctionName'])['Ref'];
    return version?.Type === TYPE && sha256Of.has(String(called)) ? String(called) : undefined;
  };
  const digests = new Map<string, string>();
  const digestOf = (id: string): string => {
    const called = functionOf(id);
    if (called === undefined) return id;
    const known = digests.get(id);
    if (known !== undefined) return known;
    const { Code: _, ...settings } = Resources[called]?.Properties ?? {};
    const others = mappingsIn(settings).flatMap(({ Ref }) => (typeof Ref === 'string' ? digestOf(Ref) : []));
    const text = JSON.stringify([sha256Of.get(called), settings, others]);
    const digest = createHash('sha256').update(text).digest('hex').slice(0, 40);
    digests.set(id, digest);
    return digest;
  };
  const stamped = Object.entries(Resources).map(([id, resource]) => {
    const called = functionOf(id);
    if (called === undefined) return [id, resource] as const;
    const Properties = { ...resource.Properties, CodeSha256: sha256Of.get(called) };
    return [id, { ...resource, Properties }] as const;
  });
  return renamed({ ...template, Resources: Object.fromEntries(stamped) }, (id) =>
    functionOf(id) === undefined ? id : `${id}${digestOf(id)}`,
  );
}
