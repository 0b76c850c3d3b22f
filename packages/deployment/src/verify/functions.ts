import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetFunctionConfigurationCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import { declaredFunctions, type FunctionSource, folderOf } from '../stack/bundles.ts';
import type { Check } from './check.ts';
import { liveDefinitions } from './definitions.ts';
import type { Target } from './target.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
/** What a cold start may take. */
const LONGEST_INIT_MS = 3_000;

type Deployed = Pick<FunctionSource, 'service' | 'key'>;

/**
 * Every function that is deployed: its code is what was packaged, and it answers a probe, soon after a cold
 * start too.
 */
export const functionChecks: readonly Check[] = declaredFunctions().flatMap((deployed) => [
  codeCheck(deployed),
  probeCheck(deployed),
]);

function codeCheck(deployed: Deployed): Check {
  return {
    name: `code of ${deployed.key} is what was packaged`,
    async look(target) {
      const version = await versionThatRuns(target, deployed);
      const { CodeSha256 = '' } = await target.lambda.send(
        new GetFunctionConfigurationCommand({ FunctionName: nameOf(target, deployed), ...version }),
      );
      const packaged = packagedHashes(target, deployed);
      if (!packaged.includes(CodeSha256))
        throw new Error(`${CodeSha256} is deployed, ${packaged.join(' or ')} is packaged`);
      return [CodeSha256.slice(0, 12), ...Object.values(version).map((number) => `version ${number}`)].join(
        ', ',
      );
    },
  };
}

function probeCheck(deployed: Deployed): Check {
  return {
    name: `${deployed.key} answers a probe`,
    async look(target) {
      const probe = new InvokeCommand({
        FunctionName: nameOf(target, deployed),
        ...(await versionThatRuns(target, deployed)),
        Payload: JSON.stringify({ module_check: true }),
        LogType: 'Tail',
      });
      const { Payload, FunctionError, LogResult = '' } = await target.lambda.send(probe);
      const text = Payload?.transformToString() ?? '';
      if (FunctionError !== undefined || JSON.parse(text)?.ok !== true) throw new Error(text.slice(0, 300));
      const init = /Init Duration: ([\d.]+) ms/.exec(Buffer.from(LogResult, 'base64').toString())?.[1];
      if (Number(init ?? 0) > LONGEST_INIT_MS)
        throw new Error(`Init Duration is ${init} ms; at most ${LONGEST_INIT_MS}`);
      return init === undefined ? 'warm' : `cold start in ${init} ms`;
    },
  };
}

/** The version that runs are on: what `live` calls. Rules and the API call what was deployed last. */
async function versionThatRuns(target: Target, deployed: Deployed): Promise<{ readonly Qualifier?: string }> {
  const called = await calledByLive(target);
  const version = called.get(nameOf(target, deployed));
  return version === undefined ? {} : { Qualifier: version };
}

const known = new WeakMap<Target, Promise<ReadonlyMap<string, string>>>();

/** Published versions by function, as the definitions name them that `live` leads to. */
function calledByLive(target: Target): Promise<ReadonlyMap<string, string>> {
  const found = known.get(target) ?? liveDefinitions(target).then(versionsIn);
  known.set(target, found);
  return found;
}

function versionsIn(definitions: readonly string[]): ReadonlyMap<string, string> {
  const named = definitions.flatMap((text) => [...text.matchAll(/:function:([\w-]+):(\d+)"/g)]);
  return new Map(named.map(([, name = '', version = '']) => [name, version]));
}

function nameOf({ stage }: Target, { service, key }: Deployed): string {
  return `${service}-${stage}-${key}`;
}

/**
 * What Lambda may call the hash of the code: of the zip that was deployed, and where a local cloud has deployed it
 * by itself, of the bundle. @throws where nothing was packaged
 */
function packagedHashes({ endpoint }: Target, { service, key }: Deployed): readonly string[] {
  const folder = join(ROOT, folderOf(service), '.serverless');
  const zips = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.zip')) : [];
  const bundle = join(ROOT, '.build', service, `${key}.cjs`);
  const files = [...zips.map((zip) => join(folder, zip)), ...(endpoint === undefined ? [] : [bundle])];
  const there = files.filter((file) => existsSync(file));
  if (there.length === 0) throw new Error(`nothing is packaged in ${folder}: npm run package`);
  return there.map((file) => createHash('sha256').update(readFileSync(file)).digest('base64'));
}
