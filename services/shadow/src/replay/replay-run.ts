import { InvokeCommand } from '@aws-sdk/client-lambda';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import {
  type Envelope,
  type ExecutionId,
  isJsonObject,
  type JsonObject,
  type OwnerId,
  type RunLocation,
  SCHEMA_VERSION,
  type StartEvent,
  StatebagError,
  type Timestamp,
  uploadUri,
  type WorkflowId,
  workflowUri,
} from '@statebag/contracts';
import { canonicalJson, type ObjectStore } from '@statebag/state-core';
import { openLegacyBag } from '@statebag/state-core/legacy';
import { compileWorkflow, publishDefinition, type Workflow } from '@statebag/workflow';
import { carriedOver, copyLedger } from './copy-ledger.ts';
import { decisionsIn, keepDecisions } from './recorded-decisions.ts';
import type { ReplayDeps } from './replay-deps.ts';
import { replayOwner } from './replay-owner.ts';

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
 * Begins the run again on the shadow machine, from the same input and time, with what its calls and people answered. Gives the execution.
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
  const carried = await Promise.all(decisions.map(async (each) => ({ ...each, answer: (await carriedOver(s3, each.answer as never, { from, to })) as never })));
  await keepDecisions(process.store, to, carried);
  const envelope = await firstEnvelope(deps, { ...replay, owner_id: to.owner_id }, compiled.definition_id);
  return begin(deps, { stateMachineArn: shadowMachineArn, name: shadowName(to), input: JSON.stringify({ ...envelope, resumed: true }) }); // a run, not the continuation of one: it ends as it ended
}

/** Executions of several owners' runs share the machine's names. */
function shadowName({ owner_id, execution_id }: RunLocation): string {
  return `${execution_id.slice(0, 64)}.${owner_id.slice(-12)}`;
}

async function firstEnvelope(
  { lambda, process, bucket, initializeArn, shadowMachineArn }: ReplayDeps,
  replay: Replay,
  definition_id: Workflow['name'],
): Promise<Envelope> {
  const { owner_id, execution_id, workflow_id, input, start_time } = replay;
  const input_s3_path = uploadUri(bucket, owner_id, `${execution_id}/input.json`);
  await process.store.put(input_s3_path, { body: Buffer.from(canonicalJson(input)), encoding: 'json' });
  const start = {
    schema_version: SCHEMA_VERSION,
    owner_id,
    workflow_id,
    definition_id,
    execution_id,
    machine_arn: shadowMachineArn,
    input_s3_path,
  } as StartEvent; // ids by their grammar
  const event = { action: 'init', start, now: start_time, machine_arn: shadowMachineArn };
  const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: initializeArn, Payload: JSON.stringify(event) }));
  const reply = Payload?.transformToString() ?? 'null';
  if (FunctionError === undefined) return JSON.parse(reply);
  throw new StatebagError('Rollout.NotComparable', `run ${execution_id} cannot begin on v3: ${reply.slice(0, 500)}`);
}

async function begin({ sfn, shadowMachineArn }: ReplayDeps, start: { stateMachineArn: string; name: string; input: string }): Promise<string> {
  try {
    const { executionArn = '' } = await sfn.send(new StartExecutionCommand(start));
    return executionArn;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ExecutionAlreadyExists') throw error;
    return `${shadowMachineArn.replace(':stateMachine:', ':execution:')}:${start.name}`;
  }
}

/** The published document of a definition. @throws `Store.ObjectMissing` */
export async function publishedWorkflow(store: ObjectStore, { bucket, owner_id, definition_id }: Parameters<typeof workflowUri>[0]): Promise<Workflow> {
  const { body } = await store.get(workflowUri({ bucket, owner_id, definition_id }));
  return JSON.parse(Buffer.from(body).toString('utf8')); // publishDefinition wrote it, checked and normalised
}

/** What an execution was started with, and the bag it ended with: empty where it has none. */
export async function bothEndsOf({ sfn }: Pick<ReplayDeps, 'sfn'>, executionArn: string): Promise<{ readonly start: JsonObject; readonly bag: JsonObject }> {
  const { input = '{}', output = '{}' } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  const [start, end]: unknown[] = [JSON.parse(input), JSON.parse(output)];
  if (!isJsonObject(start)) throw new StatebagError('Rollout.NotComparable', `${executionArn} was not started with an object`);
  const bag = isJsonObject(end) && isJsonObject(end['state_data']) ? openLegacyBag(end['state_data'] as JsonObject) : {};
  return { start: start as JsonObject, bag }; // parsed from JSON
}
