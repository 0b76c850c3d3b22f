import { isMapping, listOf, type Mapping } from '../document.ts';
import { invalid } from '../errors.ts';
import { type Account, callAction } from '../provider.ts';

/** A share of the new runs of an alias. */
export interface Route {
  readonly stateMachineVersionArn: string;
  readonly weight: number;
}

interface Deployment {
  readonly aliasArn: string;
  readonly from: string;
  readonly to: string;
  /** The share of the new version, step after step, up to all. */
  readonly steps: readonly number[];
  /** Names of the alarms that take it back. */
  readonly alarms: readonly string[];
}

/**
 * Leads an alias to a new version as its preference says. Between two steps the cloud's `canary` passes in place of
 * the interval. @throws where one of its alarms has gone off: the stack is taken back
 */
export async function shiftAlias(aliasArn: string, preference: Mapping, account: Account): Promise<void> {
  const to = String(preference['StateMachineVersionArn']);
  const routes = await routesOf(aliasArn, account);
  // a deployment that was broken off has routed to it already
  if (routes.some((route) => route.stateMachineVersionArn === to))
    return route(aliasArn, [whole(to)], account);
  const [{ stateMachineVersionArn: from } = whole(to)] = routes;
  const alarms = listOf(preference['Alarms']).map(String);
  await carryOut({ aliasArn, from, to, alarms, steps: stepsOf(preference) }, account);
}

/** The shares that a preference gives the new version. */
export function stepsOf({ Type: type, Percentage: percentage }: Mapping): readonly number[] {
  const share = Number(percentage);
  if (type === 'ALL_AT_ONCE') return [100];
  if (!(share >= 1 && share <= 99)) throw invalid(`Percentage is from 1 to 99 with ${String(type)}`);
  if (type === 'CANARY') return [share, 100];
  return Array.from({ length: Math.ceil(100 / share) }, (_, index) => Math.min(100, share * (index + 1)));
}

async function carryOut({ aliasArn, from, to, steps, alarms }: Deployment, account: Account): Promise<void> {
  for (const share of steps) {
    refuseAlarmed(alarms, account);
    const rest = { stateMachineVersionArn: from, weight: 100 - share };
    await route(aliasArn, share === 100 ? [whole(to)] : [rest, { ...whole(to), weight: share }], account);
    if (share < 100) await passed(aliasArn, alarms, account);
  }
  refuseAlarmed(alarms, account);
}

/** The interval is over, or one of the alarms has gone off. */
async function passed(aliasArn: string, alarms: readonly string[], account: Account): Promise<void> {
  const over = new AbortController();
  await Promise.race([account.canary(aliasArn), account.alarms.untilGone(alarms, over.signal)]);
  over.abort();
}

function refuseAlarmed(names: readonly string[], { alarms }: Account): void {
  const gone = alarms.gone(names);
  if (gone.length > 0)
    throw invalid(`The deployment was stopped, because alarms have gone off: ${gone.join(', ')}`);
}

const whole = (stateMachineVersionArn: string): Route => ({ stateMachineVersionArn, weight: 100 });

async function route(
  stateMachineAliasArn: string,
  routingConfiguration: readonly Route[],
  { states }: Account,
): Promise<void> {
  await callAction(states, 'UpdateStateMachineAlias', { stateMachineAliasArn, routingConfiguration });
}

async function routesOf(stateMachineAliasArn: string, { states }: Account): Promise<readonly Route[]> {
  const { routingConfiguration } = await callAction(states, 'DescribeStateMachineAlias', {
    stateMachineAliasArn,
  });
  return listOf(routingConfiguration)
    .filter(isMapping)
    .map((each) => ({
      stateMachineVersionArn: String(each['stateMachineVersionArn']),
      weight: Number(each['weight']),
    }));
}
