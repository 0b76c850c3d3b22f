import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isMapping, type Mapping, parseDocument } from '../cloudformation/document.ts';
import { DeployError } from '../deploy/deploy-error.ts';
import { cdkStacks } from './cdk-stacks.ts';
import type { AppKind, FoundApp, FoundPackage } from './found-app.ts';

const SERVERLESS = '.serverless/cloudformation-template-update-stack.json';

/** Where each tool leaves its description, in the order in which they are looked for. */
const PLACES: readonly (readonly [path: string, kind: AppKind])[] = [
  ['manifest.json', 'cdk'],
  ['cdk.out/manifest.json', 'cdk'],
  [SERVERLESS, 'serverless'],
  ['.aws-sam/build/template.yaml', 'sam'],
  ...['template.yaml', 'template.yml', 'template.json'].map((name) => [name, 'sam'] as const),
  ...['cloudformation.yaml', 'cloudformation.yml', 'cloudformation.json'].map(
    (name) => [name, 'cloudformation'] as const,
  ),
];

/** What a folder cannot be read as yet, and how it can be. */
const UNBUILT: readonly (readonly [file: string, command: string])[] = [
  ['cdk.json', 'cdk synth'],
  ['serverless.yml', 'serverless package'],
  ['serverless.yaml', 'serverless package'],
  ['serverless.ts', 'serverless package'],
];

/** Reads an application: a folder, or the template itself. @throws DeployError where there is none */
export function findApp(path: string): FoundApp {
  const place = resolve(path);
  if (!existsSync(place)) throw new DeployError(`${path}: no such file or folder`);
  const [file, kind] = statSync(place).isDirectory() ? described(place) : [place, kindOf(place)];
  if (kind === 'cdk') return { kind, file, stacks: cdkStacks(dirname(file)) };
  const template = readTemplate(file);
  const actual =
    kind === 'serverless' ? kind : template['Transform'] === undefined ? 'cloudformation' : 'sam';
  const stack = { name: stackName(file, actual), template, folder: dirname(file) };
  return { kind: actual, file, stacks: [{ ...stack, packages: packagesBeside(file, actual) }] };
}

function described(folder: string): readonly [file: string, kind: AppKind] {
  for (const [path, kind] of PLACES) if (existsSync(join(folder, path))) return [join(folder, path), kind];
  const [unbuilt, command] = UNBUILT.find(([file]) => existsSync(join(folder, file))) ?? [];
  throw new DeployError(
    unbuilt === undefined
      ? `${folder}: there is no template in it
  mend: give the template itself, or a folder with one of ${PLACES.map(([path]) => path).join(', ')}`
      : `${folder}: ${unbuilt} is there, and what is made of it is not\n  mend: run ${command} in that folder first`,
  );
}

function kindOf(file: string): AppKind {
  if (file.endsWith('manifest.json')) return 'cdk';
  return dirname(file).endsWith('.serverless') ? 'serverless' : 'cloudformation';
}

function readTemplate(file: string): Mapping {
  const value = parsed(file);
  if (isMapping(value) && isMapping(value['Resources'])) return value;
  throw new DeployError(`${file}: it is no template: it has no Resources`);
}

function parsed(file: string): unknown {
  try {
    return parseDocument(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new DeployError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** The folder's name, as tools make it: it says most. */
function stackName(file: string, kind: AppKind): string {
  const inBuild = file.endsWith(join('.aws-sam', 'build', 'template.yaml'));
  const folder = inBuild
    ? dirname(dirname(dirname(file)))
    : kind === 'serverless'
      ? dirname(dirname(file))
      : dirname(file);
  const name = (folder.split('/').at(-1) ?? '').replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '');
  return /^[A-Za-z]/.test(name) ? name : `app-${name}`;
}

/** Serverless leaves the package of each function beside the template. */
function packagesBeside(file: string, kind: AppKind): FoundPackage[] {
  if (kind !== 'serverless') return [];
  const resources = readTemplate(file)['Resources'];
  return Object.values(isMapping(resources) ? resources : {}).flatMap((resource) => {
    const properties = isMapping(resource) ? resource['Properties'] : undefined;
    const code = isMapping(properties) ? (properties['Code'] ?? properties['Content']) : undefined;
    const key = isMapping(code) ? code['S3Key'] : undefined;
    const path = typeof key === 'string' ? join(dirname(file), key.split('/').at(-1) ?? '') : '';
    return typeof key === 'string' && existsSync(path) ? [{ bucket: undefined, key, path }] : [];
  });
}
