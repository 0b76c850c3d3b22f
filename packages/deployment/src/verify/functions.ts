import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetFunctionConfigurationCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import { parse } from 'yaml';
import { deployables } from '../stacks.ts';
import type { Check } from './check.ts';
import type { Target } from './target.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
/** What a cold start may take. */
const LONGEST_INIT_MS = 3_000;

interface Deployed {
  /** Folder under services. */
  readonly service: string;
  readonly key: string;
}

/**
 * Every function that is deployed: its code is what was packaged, and it answers a probe, soon after a cold
 * start too.
 */
export const functionChecks: readonly Check[] = deployables(ROOT)
  .filter((folder) => folder.startsWith('services/'))
  .flatMap((folder) => {
    const { functions = {} }: { functions?: Record<string, unknown> } = parse(
      readFileSync(join(ROOT, folder, 'serverless.yml'), 'utf8'),
    );
    return Object.keys(functions).map((key): Deployed => ({ service: folder.replace('services/', ''), key }));
  })
  .flatMap((deployed) => [codeCheck(deployed), probeCheck(deployed)]);

function codeCheck(deployed: Deployed): Check {
  return {
    name: `code of ${deployed.key} is what was packaged`,
    async look(target) {
      const { CodeSha256 = '' } = await target.lambda.send(
        new GetFunctionConfigurationCommand({ FunctionName: nameOf(target, deployed) }),
      );
      const packaged = packagedHash(target, deployed);
      if (CodeSha256 !== packaged) throw new Error(`${CodeSha256} is deployed, ${packaged} is packaged`);
      return packaged.slice(0, 12);
    },
  };
}

function probeCheck(deployed: Deployed): Check {
  return {
    name: `${deployed.key} answers a probe`,
    async look(target) {
      const probe = new InvokeCommand({
        FunctionName: nameOf(target, deployed),
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

function nameOf({ stage }: Target, { service, key }: Deployed): string {
  return `statebag-${service}-${stage}-${key}`;
}

/**
 * What Lambda calls the hash of the code: of the zip on AWS, of the bundle on a local cloud. @throws where
 * nothing was packaged
 */
function packagedHash({ endpoint }: Target, { service, key }: Deployed): string {
  const folder = join(ROOT, 'services', service, '.serverless');
  const zips = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.zip')) : [];
  const file =
    endpoint === undefined
      ? join(folder, zips[0] ?? 'missing.zip')
      : join(ROOT, '.build', `statebag-${service}`, `${key}.cjs`);
  if (!existsSync(file)) throw new Error(`${file} is not there: npm run package`);
  return createHash('sha256').update(readFileSync(file)).digest('base64');
}
