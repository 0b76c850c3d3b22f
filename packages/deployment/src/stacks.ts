import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** Folders that deploy by themselves, in the order of the data. */
export function deployables(root: string): string[] {
  const services = readdirSync(join(root, 'services')).map((name) => `services/${name}`);
  return [...services, 'stepfunctions'].filter((folder) => existsSync(join(root, folder, 'serverless.yml')));
}

/** One `${param:…}` of the templates. */
export interface Parameter {
  readonly name: string;
  /** As the templates write it; every consumer must write the same. */
  readonly defaults: readonly string[];
  /** Folders whose templates use it. */
  readonly consumers: readonly string[];
  /** What it is for; undefined for what services tell each other. */
  readonly meaning?: string;
}

const PARAMETER = /\$\{param:(\w+)(?:,\s*('(?:\$\{[^}]*\}|[^'])*'|\d+))?\}/g;

/** Every parameter of every template, in the order of the names. */
export function parameters(): readonly Parameter[] {
  const meanings: Readonly<Record<string, string>> = createRequire(import.meta.url)('../choices.cjs');
  const uses = deployables(ROOT).flatMap((folder) =>
    [...readFileSync(join(ROOT, folder, 'serverless.yml'), 'utf8').matchAll(PARAMETER)].map(
      ([, name = '', otherwise]) => ({ name, folder, otherwise }),
    ),
  );
  return [...new Set([...Object.keys(meanings), ...uses.map(({ name }) => name)])].sort().map((name) => {
    const own = uses.filter((use) => use.name === name);
    const meaning = meanings[name];
    return {
      name,
      defaults: [...new Set(own.map(({ otherwise = '' }) => otherwise.replaceAll("'", '')))],
      consumers: [...new Set(own.map(({ folder }) => folder.replace('services/', '')))],
      ...(meaning !== undefined && { meaning }),
    };
  });
}

/** The folders of all stacks, each behind those that it needs. */
export function inOrder(): readonly string[] {
  const { services }: { services: Record<string, { path: string }> } = parse(
    readFileSync(join(ROOT, 'serverless-compose.yml'), 'utf8'),
  );
  return Object.values(services).map(({ path }) => path);
}

/** What serverless-compose.yml hands to a service: the output of another that it takes for each parameter. */
export function composedValues(): ReadonlyMap<
  string,
  Readonly<Record<string, { readonly folder: string; readonly output: string }>>
> {
  const { services }: { services: Record<string, { path: string; params?: Record<string, string> }> } = parse(
    readFileSync(join(ROOT, 'serverless-compose.yml'), 'utf8'),
  );
  const told = (value: string) => {
    const [, from = '', output = ''] = /^\$\{([\w-]+)\.(\w+)\}$/.exec(value) ?? [];
    return { folder: services[from]?.path ?? '', output };
  };
  return new Map(
    Object.values(services).map(({ path, params = {} }) => [
      path,
      Object.fromEntries(Object.entries(params).map(([name, value]) => [name, told(value)])),
    ]),
  );
}

/** The parameters that serverless-compose.yml hands to a service, by the service's folder. */
export function composed(): ReadonlyMap<string, readonly string[]> {
  const { services }: { services: Record<string, { path: string; params?: Record<string, string> }> } = parse(
    readFileSync(join(ROOT, 'serverless-compose.yml'), 'utf8'),
  );
  return new Map(Object.values(services).map(({ path, params = {} }) => [path, Object.keys(params)]));
}

/**
 * What serverless-compose.yml takes from a service, and whether the service says it: an output of its own, or
 * the version of a function.
 */
export function composedOutputs(): readonly {
  readonly from: string;
  readonly output: string;
  readonly isSaid: boolean;
}[] {
  const text = readFileSync(join(ROOT, 'serverless-compose.yml'), 'utf8');
  const { services }: { services: Record<string, { path: string }> } = parse(text);
  return [...text.matchAll(/\$\{([\w-]+)\.(\w+)\}/g)].map(([, from = '', output = '']) => {
    const path = services[from]?.path;
    const template = path === undefined ? '' : readFileSync(join(ROOT, path, 'serverless.yml'), 'utf8');
    const key = /^(\w+)LambdaFunctionQualifiedArn$/.exec(output)?.[1];
    const said = key === undefined ? output : `${key.charAt(0).toLowerCase()}${key.slice(1)}`;
    return { from, output, isSaid: new RegExp(`^ +${said}:$`, 'm').test(template) };
  });
}
