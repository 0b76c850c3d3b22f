import type { SSMClient } from '@aws-sdk/client-ssm';
import { StatebagError, timestampOf } from '@statebag/contracts';
import type { RolloutSettings } from '@statebag/contracts/schemas/rollout';
import type { RolloutChange, RolloutChanges } from '@statebag/runs';
import { readSettings, writeSettings } from './rollout-parameter.ts';

export interface RolloutAccess {
  readonly ssm: SSMClient;
  /** Name of the parameter. */
  readonly parameter: string;
  readonly runs: RolloutChanges;
  /** Who changes it. */
  readonly by: string;
  readonly now: () => number;
}

export interface WantedChange {
  readonly what: string;
  readonly why?: string | undefined;
  /** What was looked at when this was decided; another one in force means that somebody else was faster. */
  readonly from: RolloutSettings;
  readonly to: RolloutSettings;
}

/**
 * Records who changes what, then changes it. A change that is refused leaves everything as it was.
 * @throws `Rollout.Conflict`, `Rollout.Unreadable`, `Store.AccessDenied`, `Store.Unavailable`
 */
export async function changeRollout(
  access: RolloutAccess,
  { what, why, from, to: wanted }: WantedChange,
): Promise<RolloutChange> {
  const { parameter, runs, by } = access;
  const at = timestampOf(access.now());
  const revision = (from.revision ?? 0) + 1;
  const to: RolloutSettings = { ...wanted, revision, ...(movesRuns(from, wanted) && { changed_at: at }) };
  const change = { revision, by, at, what, why, from, to };
  if (!(await runs.planChange(change))) throw conflict(parameter);
  await inForce(access, change);
  await runs.markInForce({ revision });
  return { ...change, state: 'IN_FORCE' };
}

async function inForce(
  { ssm, parameter, runs }: RolloutAccess,
  { revision, at, from, to }: Omit<RolloutChange, 'state'>,
): Promise<void> {
  try {
    const { revision: found = 0 } = await readSettings(ssm, parameter);
    if (found !== (from.revision ?? 0)) throw conflict(parameter);
    await writeSettings(ssm, parameter, to);
  } catch (error) {
    await runs.dropChange({ revision, at });
    throw error;
  }
}

/** Whether runs begin elsewhere by it: figures are taken since then. */
function movesRuns(from: RolloutSettings, to: RolloutSettings): boolean {
  const moving = ({ v3, sticky, overrides, kill_switch }: RolloutSettings) =>
    JSON.stringify([v3, sticky, Object.entries(overrides).sort(), kill_switch]);
  return moving(from) !== moving(to);
}

function conflict(parameter: string): StatebagError {
  return new StatebagError('Rollout.Conflict', `${parameter} was changed by somebody else just now`);
}
