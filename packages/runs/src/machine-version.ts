import { createHash } from 'node:crypto';
import type { ReadRoutes, Route } from './alias-routes.ts';

/**
 * The machine that a run is to stay on with all its children: the version an alias leads to, else the machine
 * as it is configured.
 * Where an alias shares executions out by weight, the run's own id decides, so that a repeated start is led
 * to the same version.
 */
export async function machineVersion(routes: ReadRoutes, arn: string, execution_id: string): Promise<string> {
  const qualifier = arn.split(':')[7];
  if (qualifier === undefined || /^\d+$/.test(qualifier)) return arn;
  return chosen(await routes(arn), percentOf(execution_id)) ?? arn;
}

function chosen(routes: readonly Route[], percent: number): string | undefined {
  let upTo = 0;
  for (const { version, weight } of routes) {
    upTo += weight;
    if (percent < upTo) return version;
  }
  return routes.at(-1)?.version;
}

function percentOf(text: string): number {
  return (createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32) * 100;
}

/** ARN that an execution of a machine, or of a version of it, gets by its name. */
export function executionArn(machineArn: string, name: string): string {
  const [arn, partition, service, region, account, , machine] = machineArn.split(':');
  return [arn, partition, service, region, account, 'execution', machine, name].join(':');
}
