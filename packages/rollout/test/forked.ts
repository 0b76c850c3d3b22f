import { SFNClient } from '@aws-sdk/client-sfn';
import type { Json, JsonObject, Timestamp } from '@statebag/contracts';
import { workflowId } from '@statebag/contracts/ids';
import type { RunRecord } from '@statebag/runs';
import { openStore } from '@statebag/state-core/store/store-session';
import type { CallMade, TestRun } from '@statebag/testing';
import type { LeftBehind } from '@statebag/testing/left-behind';
import type { CompiledWorkflow } from '@statebag/workflow';
import { type ForkPlace, type PlannedFork, planFork, startFork } from '../src/fork/index.ts';

/** A fork of a run in memory: its plan, what became of it, and the calls that it made itself. */
export interface ForkSeen {
  readonly planned: PlannedFork;
  readonly run: Omit<TestRun, 'calls' | 'took'>;
  readonly calls: readonly CallMade[];
}

export interface Forking {
  readonly workflow?: CompiledWorkflow;
  readonly at?: string;
  readonly set?: JsonObject;
}

/** Forks what `leftBehind` has left, over the same objects and machines, and waits for the end. */
export async function forkOf(left: LeftBehind, wish: Forking): Promise<ForkSeen> {
  const place = placeOf(left);
  const before = left.run.calls.length;
  const planned = await planFork(place, { ...wish, parent: recordOf(left), mark: '0000' });
  const { execution_arns } = await startFork(place, planned);
  const run = await left.seen(execution_arns[0] ?? '');
  return { planned, run, calls: left.run.calls.slice(before) };
}

function placeOf({ store, machines, location }: LeftBehind): ForkPlace {
  return {
    sfn: statesClient(machines),
    runs: { createRun: async () => ({ created: true }) },
    process: openStore(store),
    bucket: location.bucket,
    machine_arn: machines.machineArn,
    now: () => Date.parse(BEGAN),
  };
}

const BEGAN = '2026-01-01T00:00:00.000Z' as Timestamp;

function recordOf({ location, run, executionArn, machines, compiled }: LeftBehind): RunRecord {
  const { owner_id, execution_id } = location;
  return {
    owner_id,
    execution_id,
    workflow_id: workflowId('test'),
    definition_id: compiled.definition_id,
    generation: 'v3',
    machine_arn: machines.machineArn,
    started_at: BEGAN,
    execution_arns: [executionArn],
    input_sha256: compiled.definition_id,
    status: run.status,
    reported: true,
  };
}

/** The client of Step Functions, over the engine of this process instead of a wire. */
function statesClient({ call }: LeftBehind['machines']): SFNClient {
  return new SFNClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: {
      handle: async ({ headers, body }: { headers: Record<string, string>; body: Uint8Array }) => {
        const action = headers['x-amz-target']?.replace(/^.*\./, '') ?? '';
        const asked: JsonObject = JSON.parse(new TextDecoder().decode(body));
        const reply: Json = JSON.parse(JSON.stringify(await call(action, asked)));
        return { response: { statusCode: 200, headers: {}, body: Buffer.from(JSON.stringify(reply)) } };
      },
    },
  });
}
