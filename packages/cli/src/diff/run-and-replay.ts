import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import type { JsonObject, Timestamp } from '@statebag/contracts';
import { workflowId } from '@statebag/contracts/ids';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import type { Comparison } from '@statebag/rollout';
import {
  beginReplay,
  bothEndsOf,
  compareReplay,
  type ReplayDeps,
  replayOwner,
  type SeenExecution,
  seenRun,
} from '@statebag/rollout/replay';
import { followExecution } from '@statebag/runs/history';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { openStore } from '@statebag/state-core/store/store-session';
import type { CompiledWorkflow } from '@statebag/workflow';
import type { OpenApp } from '../cloud/open-app.ts';
import { type Announcing, whileAnnouncing } from '../run/announce-approvals.ts';
import type { StartedRun } from '../run/start-run.ts';

const POLL_MS = 20;

/** A run that was started, what it runs, and what it is to be run again as. */
export interface Diffing {
  readonly started: StartedRun;
  readonly input: JsonObject;
  readonly left: CompiledWorkflow;
  readonly right: CompiledWorkflow;
  /** Who hears what the run asks, and what was answered beforehand. */
  readonly asks: Announcing;
}

export interface Differed {
  readonly left: { readonly execution_arn: string; readonly status: string };
  readonly right: { readonly execution_arn: string; readonly status: string };
  readonly comparison: Comparison;
}

/** Waits for the run, runs it again on v3 from what its calls and people answered, and compares. */
export async function runAndReplay(
  app: OpenApp,
  { started, input, left, right, asks }: Diffing,
): Promise<Differed> {
  const { executionArn, executionId: execution_id } = started;
  const { bucket, owner: owner_id, shadowMachineArn } = LOCAL_APP;
  const initializeArn = LOCAL_APP.functionArn('state-data-manager', 'initializeStateData');
  const deps: ReplayDeps = {
    ...app,
    process: openStore(s3ObjectStore(app.s3)),
    bucket,
    initializeArn,
    shadowMachineArn,
  };
  await whileAnnouncing(app, asks, ended(app, executionArn));
  const start_time = await startTimeOf(app, executionArn);
  const { workflow } = right;
  const replayArn = await beginReplay(deps, {
    owner_id,
    execution_id,
    workflow_id: workflowId('diff'),
    input,
    start_time,
    workflow,
  });
  await ended(app, replayArn);
  const original: SeenExecution = { executionArn, owner_id, execution_id, definition_id: left.definition_id };
  const replayed: SeenExecution = {
    executionArn: replayArn,
    owner_id: replayOwner(owner_id),
    execution_id,
    definition_id: right.definition_id,
  };
  const [one, other] = [await seenRun(deps, original), await seenRun(deps, replayed)];
  return {
    left: { execution_arn: executionArn, status: one.status },
    right: { execution_arn: replayArn, status: other.status },
    comparison: compareReplay(one, other, workflow),
  };
}

async function ended({ sfn }: OpenApp, executionArn: string): Promise<void> {
  await followExecution(sfn, executionArn, { pollMs: POLL_MS, onEvent: () => {} });
}

/**
 * Expressions take the time of the run from its bag; a run that failed left none, and began about when its
 * execution did.
 */
async function startTimeOf({ sfn }: OpenApp, executionArn: string): Promise<Timestamp> {
  const { bag } = await bothEndsOf({ sfn }, executionArn);
  if (typeof bag['start_time'] === 'string') return bag['start_time'] as Timestamp; // a bag's own
  const { startDate = new Date(0) } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  return startDate.toISOString() as Timestamp; // the one form toISOString has
}
