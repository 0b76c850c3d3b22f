import { engine, Validator } from '@cfworker/json-schema';
import type { Json, JsonObject } from '@statebag/contracts';
import type { Schema, StandardSchema } from '@statebag/node';

/** What is wrong with a config, and where in it. */
export interface ConfigProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export type CheckedConfig =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problems: readonly [ConfigProblem, ...ConfigProblem[]] };

/** Holds a config against the schema of its node type. The schema is the project's code, as the node is. */
export type CheckConfig = (config: JsonObject) => CheckedConfig;

/** Without a schema there is nothing to say. */
const NOTHING: Schema = { type: 'object', properties: {}, additionalProperties: false };

export function configCheck(schema: Schema | null): CheckConfig {
  const given = schema ?? NOTHING;
  return isStandard(given) ? byItself(given) : byValidator(asJson(given));
}

/** The schema as editors read it; null where it only checks. */
export function editorSchema(schema: Schema | null): JsonObject | null {
  const given = schema ?? NOTHING;
  return isStandard(given) ? null : asJson(given);
}

function isStandard(schema: Schema): schema is StandardSchema {
  return '~standard' in schema;
}

/** Without what TypeBox keeps in it for itself. */
function asJson(schema: object): JsonObject {
  return JSON.parse(JSON.stringify(schema));
}

function byItself({ '~standard': standard }: StandardSchema): CheckConfig {
  return (config) => {
    const result = standard.validate(config);
    if (result instanceof Promise)
      throw new TypeError(`the schema of ${standard.vendor} answers later; use one that checks at once`);
    if (result.issues === undefined) return { ok: true, value: result.value };
    const [first = { path: [], message: 'does not fit' }, ...others] = result.issues.map(
      ({ path = [], message }) => ({ path: path.map(stepOf), message }),
    );
    return { ok: false, problems: [first, ...others] };
  };
}

function stepOf(step: PropertyKey | { readonly key: PropertyKey }): string | number {
  const key = typeof step === 'object' ? step.key : step;
  return typeof key === 'number' ? key : String(key);
}

function byValidator(schema: JsonObject): CheckConfig {
  return (config) => {
    // patterns of the project's own code are searched for as its code would
    Object.assign(engine, { compile: (source: string) => new RegExp(source, 'u'), onCheck: () => {} });
    const { valid, errors } = new Validator(schema, '2020-12', false).validate(config);
    if (valid) return { ok: true, value: config };
    const found = errors.map(({ instanceLocation, keyword, error }) => ({
      path: stepsOf(instanceLocation, config),
      message: keyword === 'false' ? 'is not known here' : error,
    }));
    const [first = { path: [], message: 'does not fit' }, ...others] = found.filter(isInnermost);
    return { ok: false, problems: [first, ...others] };
  };
}

/**
 * What contains a value that does not fit does not fit either, and says so once for each schema around it.
 */
function isInnermost({ path }: ConfigProblem, _: number, all: readonly ConfigProblem[]): boolean {
  return !all.some((other) => other.path.length > path.length && startsWith(other.path, path));
}

export function startsWith(path: ConfigProblem['path'], beginning: ConfigProblem['path']): boolean {
  return beginning.every((step, index) => path[index] === step);
}

/** `#/items/0/to` */
function stepsOf(location: string, config: Json): ConfigProblem['path'] {
  let at: unknown = config;
  return location
    .split('/')
    .slice(1)
    .map((encoded) => {
      const name = decodeURIComponent(encoded).replaceAll('~1', '/').replaceAll('~0', '~');
      const step = Array.isArray(at) ? Number(name) : name;
      at = Object(at)[step];
      return step;
    });
}
