import { StatebagError } from '@statebag/contracts';
import type { DefinitionId, OwnerId } from '@statebag/contracts/ids';
import type { Envelope } from '@statebag/contracts/schemas/state-bag';
import { divergenceText } from '@statebag/rollout';
import {
  bothEndsOf,
  compareReplay,
  publishedWorkflow,
  type ReplayDeps,
  seenRun,
} from '@statebag/rollout/replay';
import type { RunRecord } from '@statebag/runs';
import type { EndedExecution } from '../begin-shadow/ended-execution.ts';

const CHILD = /^[0-9a-f]{64}$/;
/** The error that the shadow machine ends with where it does what is never replayed. */
const NOT_COMPARABLE = 'Rollout.NotComparable';
const WHERE_CHARACTERS = 500;

/**
 * Keeps at a legacy run what running it again came to. @throws `Run.NotFound` where the run is not on record
 * yet: it is tried again
 */
export async function recordShadow(deps: ReplayDeps, { executionArn, name }: EndedExecution): Promise<void> {
  if (CHILD.test(name)) return;
  const { start } = await bothEndsOf(deps, executionArn);
  const { state_data } = start as unknown as Envelope; // beginReplay started it
  const { execution_id, owner_id, definition_id } = state_data;
  const run = await endedRun(deps, execution_id);
  const [original, replay] = [
    await seenRun(deps, ids(run)),
    await seenRun(deps, { executionArn, execution_id, owner_id, definition_id }),
  ];
  if (replay.error?.name === NOT_COMPARABLE) return;
  const workflow = await publishedWorkflow(deps.process.store, {
    bucket: deps.bucket,
    owner_id,
    definition_id,
  });
  const comparison = compareReplay(original, replay, workflow);
  const where = divergenceText(comparison, ['legacy', 'v3']).slice(0, WHERE_CHARACTERS);
  if (await deps.runs.recordDivergence(run, comparison.same ? { same: true } : { same: false, where }))
    return;
  throw new StatebagError('Run.NotFound', `the end of run ${run.execution_id} is not kept yet`);
}

type Ended = RunRecord & { readonly ended_at: NonNullable<RunRecord['ended_at']> };

async function endedRun({ runs }: ReplayDeps, execution_id: RunRecord['execution_id']): Promise<Ended> {
  const run = await runs.getRun(execution_id);
  if (run?.ended_at !== undefined) return run as Ended; // it was just looked at
  throw new StatebagError('Run.NotFound', `run ${execution_id} is not on record as ended`);
}

function ids({ execution_id, owner_id, definition_id, execution_arns }: RunRecord): {
  executionArn: string;
  execution_id: RunRecord['execution_id'];
  owner_id: OwnerId;
  definition_id: DefinitionId;
} {
  return { executionArn: execution_arns.at(-1) ?? '', execution_id, owner_id, definition_id };
}
