import { setTimeout as pause } from 'node:timers/promises';
import { placeOf, ssm, stepFunctions } from '@statebag/aws-requests';
import { isJsonObject } from '@statebag/contracts';
import { rememberedSettings, settingsOver } from '@statebag/rollout';
import { type DispatchCounts, depthOf, dispatchStarts, whatWaits } from '@statebag/runs/queue';
import {
  deadlineOf,
  type InvocationContext,
  type ModuleCheck,
  matching,
  moduleCheck,
  reportStarts,
  shapedError,
} from '@statebag/step-kit';
import { CLIENT_SETTINGS, openRecordDeps } from '../open-runs-deps.ts';

const { runs, events } = openRecordDeps(process.env);
const place = placeOf(process.env);
const parameter = matching(process.env, 'ROLLOUT_PARAMETER', /^\/[A-Za-z0-9_./-]{1,1000}$/);
const parameters = ssm(place, CLIENT_SETTINGS);
const rollout = rememberedSettings(
  () => settingsOver(parameters, parameter),
  () => performance.now(),
);
const deps = {
  runs,
  events,
  book: runs.starts,
  waiting: runs.waiting,
  lease: runs.startsLease,
  // a start that is throttled is left for a later turn, not tried again at once
  executions: stepFunctions(place, { ...CLIENT_SETTINGS, maxAttempts: 1 }),
  settings: async () => (await rollout()).starts,
  clock: { now: Date.now, pause: (ms: number) => pause(ms) },
};

/**
 * Begins the runs that wait: called when one began to wait or a place became free, and each minute, when it
 * also counts what still waits.
 */
export async function handler(
  event: unknown,
  context: InvocationContext & { readonly awsRequestId: string },
): Promise<DispatchCounts | ModuleCheck> {
  const probe = moduleCheck(event, context);
  if (probe) return probe;
  const scheduled = isJsonObject(event) && event['detail-type'] === 'Scheduled Event';
  try {
    const counts = await dispatchStarts(deps, {
      holder: context.awsRequestId,
      deadline: deadlineOf(context),
      thorough: scheduled,
    });
    if (scheduled) reportStarts('state-data-manager', depthOf(await whatWaits(runs, undefined), Date.now()));
    return counts;
  } catch (error) {
    throw shapedError(error);
  }
}
