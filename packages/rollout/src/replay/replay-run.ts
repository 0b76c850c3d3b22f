import { createHash } from 'node:crypto';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { isJsonObject, type JsonObject, StatebagError, type Timestamp } from '@statebag/contracts';
import {
  type DefinitionId,
  type ExecutionId,
  type OwnerId,
  ownerId,
  type WorkflowId,
} from '@statebag/contracts/ids';
import { type RunLocation, workflowUri } from '@statebag/contracts/object-keys';
import type { Envelope } from '@statebag/contracts/schemas/state-bag';
import type { Runs } from '@statebag/runs';
import { beginExecution, sdkStarts, startEventV3, storedInput } from '@statebag/runs/start';
import { openLegacyBag } from '@statebag/state-core/legacy';
import type { ObjectStore } from '@statebag/state-core/store/object-store';
import type { StoreProcess } from '@statebag/state-core/store/store-session';
import { compileWorkflow, publishDefinition, type Workflow } from '@statebag/workflow';
import { carriedOver, copyLedger } from './copy-ledger.ts';
import { decisionsIn, keepDecisions } from './recorded-decisions.ts';

/** What replaying a run takes. */
export interface ReplayDeps {
  readonly s3: S3Client;
  readonly sfn: SFNClient;
  readonly lambda: LambdaClient;
  readonly runs: Runs;
  readonly process: StoreProcess;
  readonly bucket: string;
  /** initializeStateData: a replay begins with the bag that v3 would begin with. */
  readonly initializeArn: string;
  readonly shadowMachineArn: string;
}

/** A run that has ended, and the workflow it is to be run again with. */
export interface Replay {
  readonly owner_id: OwnerId;
  readonly execution_id: ExecutionId;
  readonly workflow_id: WorkflowId;
  readonly input: JsonObject;
  readonly start_time: Timestamp;
  readonly workflow: Workflow;
}

/**
 * Begins the run again on the shadow machine, from the same input and time, with what its calls and people
 * answered. Gives the execution.
 * The same replay twice is once.
 */
export async function beginReplay(deps: ReplayDeps, replay: Replay): Promise<string> {
  const { bucket, s3, process, runs, shadowMachineArn } = deps;
  const { execution_id, owner_id } = replay;
  const [from, to]: [RunLocation, RunLocation] = [
    { bucket, owner_id, execution_id },
    { bucket, owner_id: replayOwner(owner_id), execution_id },
  ];
  const compiled = compileWorkflow(replay.workflow);
  await publishDefinition(compiled, to, process.store);
  await copyLedger(s3, from, to);
  const decisions = decisionsIn(await runs.listApprovals(execution_id));
  const carried = await Promise.all(
    decisions.map(async (each) => ({
      ...each,
      answer: (await carriedOver(s3, each.answer as never, { from, to })) as never,
    })),
  );
  await keepDecisions(process.store, to, carried);
  const envelope = await firstEnvelope(deps, { ...replay, owner_id: to.owner_id }, compiled.definition_id);
  // a run, not the continuation of one: it ends as it ended
  return beginExecution(sdkStarts(deps.sfn), {
    stateMachineArn: shadowMachineArn,
    name: shadowName(to),
    input: JSON.stringify({ ...envelope, resumed: true }),
  });
}

/**
 * Who owns what a replay writes: nobody who can start runs. The run keeps its id, by which its calls are
 * found again.
 */
export function replayOwner(owner: OwnerId): OwnerId {
  return ownerId(`shadow.${createHash('sha256').update(owner).digest('hex').slice(0, 40)}`);
}

/** Executions of several owners' runs share the machine's names. */
function shadowName({ owner_id, execution_id }: RunLocation): string {
  return `${execution_id.slice(0, 64)}.${owner_id.slice(-12)}`;
}

async function firstEnvelope(
  { lambda, process, bucket, initializeArn, shadowMachineArn }: ReplayDeps,
  replay: Replay,
  definition_id: DefinitionId,
): Promise<Envelope> {
  const { owner_id, execution_id, workflow_id, input, start_time } = replay;
  const ids = { owner_id, workflow_id, execution_id, definition_id, machine_arn: shadowMachineArn };
  const place = { bucket, store: process.store };
  const start = startEventV3(ids, await storedInput(place, ids, input));
  const event = { action: 'init', start, now: start_time, machine_arn: shadowMachineArn };
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: initializeArn, Payload: JSON.stringify(event) }),
  );
  const reply = Payload?.transformToString() ?? 'null';
  if (FunctionError === undefined) return JSON.parse(reply);
  throw new StatebagError(
    'Rollout.NotComparable',
    `run ${execution_id} cannot begin on v3: ${reply.slice(0, 500)}`,
  );
}

/** The published document of a definition. @throws `Store.ObjectMissing` */
export async function publishedWorkflow(
  store: ObjectStore,
  { bucket, owner_id, definition_id }: Parameters<typeof workflowUri>[0],
): Promise<Workflow> {
  const { body } = await store.get(workflowUri({ bucket, owner_id, definition_id }));
  return JSON.parse(Buffer.from(body).toString('utf8')); // publishDefinition wrote it, checked and normalised
}

/** What an execution was started with, and the bag it ended with: empty where it has none. */
export async function bothEndsOf(
  { sfn }: Pick<ReplayDeps, 'sfn'>,
  executionArn: string,
): Promise<{ readonly start: JsonObject; readonly bag: JsonObject }> {
  const { input = '{}', output = '{}' } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  const [start, end]: unknown[] = [JSON.parse(input), JSON.parse(output)];
  if (!isJsonObject(start))
    throw new StatebagError('Rollout.NotComparable', `${executionArn} was not started with an object`);
  const bag =
    isJsonObject(end) && isJsonObject(end['state_data'])
      ? openLegacyBag(end['state_data'] as JsonObject)
      : {};
  return { start: start as JsonObject, bag }; // parsed from JSON
}
