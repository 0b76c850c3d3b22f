import type { SFNClient } from '@aws-sdk/client-sfn';
import { StatebagError, timestampOf } from '@statebag/contracts';
import { THRESHOLDS } from '@statebag/contracts/limits';
import type { Envelope } from '@statebag/contracts/schemas/state-bag';
import type { NewRun, RunRecord, Runs } from '@statebag/runs';
import { beginExecution, executionArn, machineVersion, readRoutes, sdkStarts } from '@statebag/runs/start';
import { canonicalJson, sha256Of, type Thresholds, universalSyncCore } from '@statebag/state-core';
import { forkedEnvelope } from '@statebag/state-core/core/forked-envelope';
import { NO_USAGE } from '@statebag/state-core/core/usage';
import { openSession } from '@statebag/state-core/store/store-session';
import { publishDefinition } from '@statebag/workflow';
import type { ForkReading, PlannedFork } from './plan-fork.ts';

/** Where forks begin. */
export interface ForkPlace extends ForkReading {
  readonly sfn: SFNClient;
  readonly runs: Pick<Runs, 'createRun'>;
  /** The machine of v3: itself, a published version, or an alias. */
  readonly machine_arn: string;
  readonly thresholds?: Thresholds;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Begins a planned fork. What it shares is read where it lies; written are its definition, its record, and
 * fields that are set. The same fork twice is once.
 */
export async function startFork(place: ForkPlace, planned: PlannedFork): Promise<RunRecord> {
  const { bucket, process, runs } = place;
  const starts = sdkStarts(place.sfn);
  const { parent, execution_id, definition } = planned;
  const { owner_id, workflow_id } = parent;
  await publishDefinition(definition, { bucket, owner_id }, process.store);
  const machine_arn = await machineVersion(readRoutes(starts), place.machine_arn, execution_id);
  const wanted: NewRun = {
    execution_id,
    owner_id,
    workflow_id,
    definition_id: definition.definition_id,
    generation: 'v3',
    machine_arn,
    started_at: timestampOf(place.now()),
    execution_arns: [executionArn(machine_arn, execution_id)],
    input_sha256: sha256Of(
      canonicalJson({ set: planned.set, from: parent.execution_id, at: planned.segment_to_run }),
    ),
  };
  const outcome = await runs.createRun(wanted);
  const run = outcome.created
    ? { ...wanted, execution_arns: wanted.execution_arns ?? [], status: 'RUNNING' as const, reported: false }
    : outcome.run;
  if (run.definition_id !== definition.definition_id || run.input_sha256 !== wanted.input_sha256)
    throw new StatebagError('Run.Conflict', `${execution_id} is another fork of ${parent.execution_id}`);
  const envelope = await withFieldsSet(place, planned, forked(planned, run.machine_arn));
  // a run, not the continuation of one: it reports its own end
  await beginExecution(starts, {
    stateMachineArn: run.machine_arn,
    name: execution_id,
    input: JSON.stringify({ ...envelope, resumed: true }),
  });
  return run;
}

function forked(
  { envelope, execution_id, definition, segment_to_run }: PlannedFork,
  machine_arn: string,
): Envelope {
  return forkedEnvelope({
    envelope,
    execution_id,
    manifest: definition.manifest,
    segment_to_run,
    machine_arn,
  });
}

/** The fields are set as a segment would have set them, so that large ones leave the bag. */
async function withFieldsSet(
  { process, bucket, thresholds = THRESHOLDS, now }: ForkPlace,
  { set, parent: { owner_id }, execution_id, definition: { definition_id } }: PlannedFork,
  { machine_arn, ...envelope }: Envelope,
): Promise<Envelope> {
  const fields = Object.entries(set);
  const { state_data: bag } = envelope;
  const { segment_to_run: segment_id, branch_path, loop_counter } = bag;
  if (fields.length === 0 || segment_id === null) return { ...envelope, ...(machine_arn && { machine_arn }) };
  const location = { bucket, owner_id, execution_id };
  const session = openSession(process, { ...location, definition_id });
  const sealed = await universalSyncCore(
    bag,
    {
      action: 'sync',
      result_id: { execution_id, branch_path, loop_counter, segment_id },
      status: 'CONTINUE',
      delta: fields.map(([field, value]) => ({ op: 'set', field, value })),
      history: [],
      next_segment_to_run: segment_id,
      usage: NO_USAGE,
      failures: [],
      control: {},
      lists: {},
      events: 0,
      writes: [],
    },
    { location, now: timestampOf(now()), thresholds, ...session },
  );
  return { ...sealed.envelope, ...(machine_arn && { machine_arn }) };
}
