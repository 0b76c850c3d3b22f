import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { type JsonObject, type Timestamp, workflowId } from '@statebag/contracts';
import type { Comparison } from '@statebag/rollout';
import { beginReplay, bothEndsOf, compareReplay, type ReplayDeps, replayOwner, type SeenExecution, seenRun } from '@statebag/shadow';
import { openStore, s3ObjectStore } from '@statebag/state-core';
import type { CompiledWorkflow } from '@statebag/workflow';
import { LOCAL_APP } from '../cloud/local-app.ts';
import type { OpenApp } from '../cloud/open-app.ts';
import { followExecution } from '../run/follow.ts';
import type { StartedRun } from '../run/start-run.ts';

const POLL_MS = 20;

/** A run that was started, what it runs, and what it is to be run again as. */
export interface Diffing {
  readonly started: StartedRun;
  readonly input: JsonObject;
  readonly left: CompiledWorkflow;
  readonly right: CompiledWorkflow;
}

export interface Differed {
  readonly left: { readonly execution_arn: string; readonly status: string };
  readonly right: { readonly execution_arn: string; readonly status: string };
  readonly comparison: Comparison;
}

/** Waits for the run, runs it again on v3 from what its calls and people answered, and compares. */
export async function runAndReplay(app: OpenApp, { started, input, left, right }: Diffing): Promise<Differed> {
  const { executionArn, executionId: execution_id } = started;
  const { bucket, owner: owner_id, shadowMachineArn } = LOCAL_APP;
  const initializeArn = LOCAL_APP.functionArn('state-data-manager', 'initializeStateData');
  const deps: ReplayDeps = { ...app, process: openStore(s3ObjectStore(app.s3)), bucket, initializeArn, shadowMachineArn };
  await ended(app, executionArn);
  const start_time = await startTimeOf(app, executionArn);
  const { workflow } = right;
  const replayArn = await beginReplay(deps, { owner_id, execution_id, workflow_id: workflowId('diff'), input, start_time, workflow });
  await ended(app, replayArn);
  const original: SeenExecution = { executionArn, owner_id, execution_id, definition_id: left.definition_id };
  const replayed: SeenExecution = { executionArn: replayArn, owner_id: replayOwner(owner_id), execution_id, definition_id: right.definition_id };
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

/** Expressions take the time of the run from its bag; a run that failed left none, and began about when its execution did. */
async function startTimeOf({ sfn }: OpenApp, executionArn: string): Promise<Timestamp> {
  const { bag } = await bothEndsOf({ sfn }, executionArn);
  if (typeof bag['start_time'] === 'string') return bag['start_time'] as Timestamp; // a bag's own
  const { startDate = new Date(0) } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  return startDate.toISOString() as Timestamp; // the one form toISOString has
}
