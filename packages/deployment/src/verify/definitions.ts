import { createRequire } from 'node:module';
import { DescribeStateMachineAliasCommand, DescribeStateMachineCommand } from '@aws-sdk/client-sfn';
import type { Check } from './check.ts';
import { machineArn, type Target } from './target.ts';

const require = createRequire(import.meta.url);
const {
  MACHINES,
}: { MACHINES: Readonly<Record<string, string>> } = require('@statebag/stepfunctions/releases');
const {
  unfilled,
}: { unfilled(name: string, functionsAtOnce: string): object } = require('@statebag/stepfunctions/asl');

/** Each machine's alias leads to the definition that lies here, with every name filled in. */
export const definitionChecks: readonly Check[] = Object.values(MACHINES).map((name) => ({
  name: `definition ${name} is current and whole`,
  async look(target) {
    const { definition, version } = await liveDefinition(target, name);
    const left = /\$\{\w+\}/.exec(definition)?.[0];
    if (left !== undefined) throw new Error(`${left} was not filled in`);
    const difference = differenceOf(unfilled(name, target.functionsAtOnce), JSON.parse(definition), '$');
    if (difference !== undefined) throw new Error(difference);
    return `version ${version}`;
  },
}));

/** The definitions that new runs begin on. */
export async function liveDefinitions(target: Target): Promise<readonly string[]> {
  const all = await Promise.all(Object.values(MACHINES).map((name) => liveDefinition(target, name)));
  return all.map(({ definition }) => definition);
}

/** @throws while a deployment shares the runs out among two versions */
async function liveDefinition(target: Target, name: string) {
  const { routingConfiguration = [] } = await target.sfn.send(
    new DescribeStateMachineAliasCommand({ stateMachineAliasArn: `${machineArn(target, name)}:live` }),
  );
  const [route] = routingConfiguration;
  if (routingConfiguration.length !== 1 || route === undefined)
    throw new Error(`live leads to ${routingConfiguration.length} versions: a deployment is under way`);
  const { definition = '' } = await target.sfn.send(
    new DescribeStateMachineCommand({ stateMachineArn: route.stateMachineVersionArn }),
  );
  return { definition, version: route.stateMachineVersionArn?.split(':').at(-1) };
}

/**
 * The first place where a deployed definition differs from the file; a `${Name}` of the file may be any text.
 */
export function differenceOf(wanted: unknown, found: unknown, path: string): string | undefined {
  if (typeof wanted === 'string' && typeof found === 'string')
    return matches(wanted, found)
      ? undefined
      : `${path} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`;
  if (typeof wanted !== 'object' || wanted === null || typeof found !== 'object' || found === null)
    return wanted === found
      ? undefined
      : `${path} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`;
  const [left, right] = [wanted as Record<string, unknown>, found as Record<string, unknown>];
  // The framework writes the query language into every state; it is the default.
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].filter(
    (name) => name !== 'QueryLanguage',
  );
  for (const name of names) {
    const difference = differenceOf(left[name], right[name], `${path}.${name}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function matches(wanted: string, found: string): boolean {
  const parts = wanted.split(/\$\{\w+\}/).map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('[\\s\\S]*')}$`).test(found);
}
