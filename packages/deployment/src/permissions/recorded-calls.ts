import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UsedRight } from '@statebag/local-cloud';
import { withoutPlace } from './policies.ts';

/** What the tests saw functions call, committed so that a change shows: `npm run record-calls` writes it. */
export const RECORDED_FILE = join(import.meta.dirname, 'recorded-calls.json');

/** Function key → `action resource`, sorted. */
export type RecordedCalls = Readonly<Record<string, readonly string[]>>;

export function readRecordedCalls(): RecordedCalls {
  return existsSync(RECORDED_FILE) ? JSON.parse(readFileSync(RECORDED_FILE, 'utf8')) : {};
}

/**
 * Raw lines of a recording, ids and names of a test left out, by function. Functions that only tests have are
 * none of ours.
 */
export function normalised(lines: readonly string[], functions: ReadonlySet<string>): RecordedCalls {
  const calls = lines.filter((line) => line !== '').map((line): UsedRight => JSON.parse(line));
  const byFunction = new Map<string, Set<string>>();
  for (const { session: name, action, resource } of calls) {
    const key = name.split('-').at(-1) ?? '';
    if (!name.startsWith('statebag-') || !functions.has(key)) continue;
    byFunction.set(
      key,
      (byFunction.get(key) ?? new Set()).add(
        `${action} ${authorised(key, action, normalisedResource(resource))}`,
      ),
    );
  }
  return Object.fromEntries([...byFunction].sort().map(([key, used]) => [key, [...used].sort()]));
}

/** Stages that tests deploy. */
const STAGES = /-(?:local|staging)(-|$)/;

const RUNS_NODES: ReadonlySet<string> = new Set(['executeSegment', 'processSegmentChunk']);

/**
 * What the right has to name. To start a version or an alias takes the right to start its machine; what a
 * `lambda` node calls is chosen by the deployment.
 */
function authorised(key: string, action: string, resource: string): string {
  if (action === 'lambda:InvokeFunction' && RUNS_NODES.has(key)) return 'arn:aws:lambda:::function:CHOSEN';
  return action === 'states:StartExecution' ? resource.replace(/:x$/, '') : resource;
}

/** A name of one kind of resource as a policy would name it. */
function normalisedResource(resource: string): string {
  const [, service = '', rest = ''] = /^arn:aws:(\w+):::(.*)$/.exec(withoutPlace(resource)) ?? [];
  if (service === 's3' || resource.startsWith('arn:aws:s3:::')) {
    const [, top = '', owner = ''] = resource.replace('arn:aws:s3:::', '').split('/');
    return top === ''
      ? 'arn:aws:s3:::BUCKET'
      : `arn:aws:s3:::BUCKET/${top}/${owner.startsWith('shadow.') ? 'shadow.x' : 'x'}`;
  }
  if (service === 'dynamodb')
    return `arn:aws:dynamodb:::table/TABLE${rest.includes('/index/') ? rest.slice(rest.indexOf('/index/')) : ''}`;
  if (service === 'events') return 'arn:aws:events:::event-bus/BUS';
  if (service === 'ssm')
    return rest.endsWith('/rollout')
      ? 'arn:aws:ssm:::parameter/statebag/STAGE/rollout'
      : 'arn:aws:ssm:::parameter/statebag/STAGE/x';
  if (service === 'states') return `arn:aws:states:::${statesName(rest)}`;
  return withoutPlace(resource).replace(/:\d+$/, '').replace(STAGES, '-STAGE$1');
}

/** `execution:statebag-v3-local:run-1` → `execution:statebag-v3-STAGE:x` */
function statesName(rest: string): string {
  const [kind = '', machine = '', ...more] = rest.split(':');
  return [kind, machine.replace(STAGES, '-STAGE$1'), ...(more.length > 0 ? ['x'] : [])].join(':');
}
