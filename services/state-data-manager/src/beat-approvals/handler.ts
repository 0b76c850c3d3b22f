import {
  deadlineOf,
  type InvocationContext,
  type ModuleCheck,
  moduleCheck,
  type OpenApprovals,
  powertoolsLog,
  reportApprovals,
} from '@statebag/step-kit';
import { openRunsDeps } from '../open-runs-deps.ts';
import { type BeatCounts, beatApprovals, scheduledTime } from './beat-approvals.ts';

const deps = {
  ...openRunsDeps(process.env),
  log: powertoolsLog('state-data-manager'),
  report: (open: OpenApprovals) => reportApprovals('state-data-manager', open),
};

export async function handler(event: unknown, context: InvocationContext): Promise<BeatCounts | ModuleCheck> {
  return (
    moduleCheck(event, context) ??
    beatApprovals(deps, { now: scheduledTime(event), deadline: deadlineOf(context) })
  );
}
