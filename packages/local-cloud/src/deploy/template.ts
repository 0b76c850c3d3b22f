import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { type Plain, SHORT_FORMS } from '../cloudformation/document.ts';
import { writeWhole } from './write-whole.ts';

export type { Plain };

/** Something in an app's files that the local cloud cannot deploy. */
export class DeployError extends Error {
  override readonly name = 'LocalCloud.DeployError';
}

export interface TemplateScope {
  readonly stage: string;
  readonly region: string;
  /** Folder in which is kept what templates say, so that an unchanged one is not read as YAML again. */
  readonly kept?: string;
  /** What `${param:name}` gives; undefined leaves it to the default. */
  parameter(name: string): string | undefined;
}

interface Resolver extends TemplateScope {
  readonly file: string;
  readonly document: Plain;
  readonly underway: readonly string[];
}

/** Reads a serverless.yml with its variables resolved. CloudFormation's own functions stay as they are. */
export async function readTemplate(
  file: string,
  scope: TemplateScope,
): Promise<{ readonly [name: string]: Plain }> {
  const document = await parsed(await readFile(file, 'utf8'), scope.kept);
  if (!isPlainObject(document)) throw new DeployError(`${file}: not a mapping`);
  const resolved = await resolveValue(document, { ...scope, file, document, underway: [] });
  return isPlainObject(resolved) ? resolved : document;
}

/** YAML takes half a second for the templates of an app. */
async function parsed(text: string, kept: string | undefined): Promise<unknown> {
  const file = join(kept ?? '', `${createHash('sha256').update(text).digest('hex')}.json`);
  if (kept !== undefined && existsSync(file)) return JSON.parse(await readFile(file, 'utf8'));
  const document: unknown = parse(text, { customTags: SHORT_FORMS });
  if (kept === undefined) return document;
  await mkdir(kept, { recursive: true });
  await writeWhole(file, JSON.stringify(document));
  return document;
}

/** True for a mapping of a template. */
export function isPlainObject(value: unknown): value is { readonly [name: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isList = (value: Plain): value is readonly Plain[] => Array.isArray(value);

async function resolveValue(value: Plain, resolver: Resolver): Promise<Plain> {
  if (typeof value === 'string') return resolveText(value, resolver);
  if (isList(value)) return Promise.all(value.map((each) => resolveValue(each, resolver)));
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value).map(
    async ([name, each]) => [name, await resolveValue(each, resolver)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * Innermost variables first. A text that is one variable becomes whatever the variable is; inside a text it
 * has to be a text itself.
 */
async function resolveText(text: string, resolver: Resolver): Promise<Plain> {
  const found = /\$\{(\w+[:(][^${}]*)\}/.exec(text.replace(/\$\{AWS::/g, '  AWS::'));
  if (found === null) return text;
  const [whole, form = ''] = found;
  const value = await resolveForm(form, resolver);
  if (whole === text) return value;
  if (typeof value === 'object')
    throw new DeployError(`${resolver.file}: \${${form}} is not a text and cannot be part of one`);
  return resolveText(
    text.replace(whole, () => String(value)),
    resolver,
  );
}

async function resolveForm(form: string, resolver: Resolver): Promise<Plain> {
  const [address = '', ...fallbacks] = splitAlternatives(form);
  const value = await resolveAddress(address, resolver);
  if (value !== undefined) return value;
  const [fallback, ...others] = fallbacks;
  if (fallback === undefined)
    throw new DeployError(`${resolver.file}: \${${form}} has no value and no default`);
  const literal = /^(['"])(.*)\1$/.exec(fallback)?.[2];
  if (/^\d+$/.test(fallback)) return Number(fallback);
  return literal ?? resolveForm([fallback, ...others].join(', '), resolver);
}

/** The forms of variables that an app may use. */
async function resolveAddress(address: string, resolver: Resolver): Promise<Plain | undefined> {
  const [, source = '', name = ''] = /^(\w+):(.*)$/.exec(address) ?? [];
  if (source === 'param') return resolver.parameter(name);
  if (address === 'sls:stage') return resolver.stage;
  if (address === 'aws:region') return resolver.region;
  if (source === 'self') return resolveSelf(name, resolver);
  const [, path, member] = /^file\(([^)]+)\)(?::(\w+))?$/.exec(address) ?? [];
  if (path !== undefined) return resolveFile(resolve(dirname(resolver.file), path), member, resolver);
  throw new DeployError(
    `${resolver.file}: \${${address}} is a form the local cloud does not know; it knows param:, self:, sls:stage, aws:region and file()`,
  );
}

async function resolveSelf(path: string, resolver: Resolver): Promise<Plain | undefined> {
  if (resolver.underway.includes(path))
    throw new DeployError(`${resolver.file}: \${self:${path}} refers to itself`);
  const value = path
    .split('.')
    .reduce<Plain | undefined>(
      (node, name) => (isPlainObject(node) ? node[name] : undefined),
      resolver.document,
    );
  return value === undefined
    ? undefined
    : resolveValue(value, { ...resolver, underway: [...resolver.underway, path] });
}

/**
 * A CommonJS file is loaded anew each time, so that a changed one counts; an exported function is given the
 * resolver.
 */
async function resolveFile(
  path: string,
  member: string | undefined,
  resolver: Resolver,
): Promise<Plain | undefined> {
  const require = createRequire(resolver.file);
  delete require.cache[path];
  const exported: unknown = require(path);
  const value: unknown =
    member === undefined ? exported : isPlainObject(exported) ? exported[member] : undefined;
  if (value === undefined) throw new DeployError(`${resolver.file}: ${path} exports no ${member ?? 'value'}`);
  const result: unknown =
    typeof value === 'function'
      ? await value({ resolveVariable: (variable: string) => resolveForm(variable, resolver) })
      : value;
  return JSON.parse(JSON.stringify(result));
}

/** Splits at commas outside of quotes. */
function splitAlternatives(form: string): string[] {
  return [...form.matchAll(/(?:'[^']*'|"[^"]*"|\([^)]*\)|[^,'"(])+/g)].map(([part]) => part.trim());
}
