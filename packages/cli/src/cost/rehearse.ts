import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { causeText, executionId, type HistoryEntry, type JsonObject, SCHEMA_VERSION, type StartEvent, uploadUri, workflowId } from '@statebag/contracts';
import { deployMachinesAlone, startLocalCloud } from '@statebag/local-cloud';
import { virtualClock } from '@statebag/local-cloud/engine';
import { canonicalJson, S3_CLIENT_SETTINGS, s3ObjectStore } from '@statebag/state-core';
import type { StepLine } from '@statebag/step-kit';
import { type CompiledWorkflow, publishDefinition } from '@statebag/workflow';
import { clientOptions } from '../cloud/client-options.ts';
import { APP_ROOT, LOCAL_APP } from '../cloud/local-app.ts';
import { NO_FACTS, type RunFacts, withEvent } from '../run/facts.ts';
import { followExecution } from '../run/follow.ts';
import { withChildren } from '../run/read-children.ts';
import { lastBag, sessionFor } from '../run/read-state.ts';
import { standInFunctions } from './stand-in-functions.ts';

/** What a run on the real definitions comes to when nothing outside is called. */
export interface Rehearsal {
  readonly status: string;
  /** Why it ended otherwise than well; empty where it did not. */
  readonly error: string;
  readonly facts: RunFacts;
  readonly lines: readonly StepLine[];
  readonly history: readonly HistoryEntry[];
}

const POLL_MS = 5;

/** Runs a workflow on the real state machines and steps, in this process, with stand-ins for models, services and people, and with waits skipped. Nothing is kept. */
export async function rehearse(compiled: CompiledWorkflow, input: JsonObject): Promise<Rehearsal> {
  const dataDir = await mkdtemp(join(tmpdir(), 'statebag-cost-'));
  const lines: StepLine[] = [];
  const clock = virtualClock();
  const functions = standInFunctions(clock, (line) => lines.push(line));
  const cloud = await startLocalCloud({ dataDir, clock, taskFunctions: functions });
  const options = clientOptions(cloud.endpoint);
  const clients = { sfn: new SFNClient(options), s3: new S3Client({ ...S3_CLIENT_SETTINGS, ...options, forcePathStyle: true }) };
  try {
    functions.open({ ...clients, bucket: LOCAL_APP.bucket });
    await cloud.s3.createBucket(LOCAL_APP.bucket);
    await deployMachinesAlone(cloud, { root: APP_ROOT, stage: LOCAL_APP.stage });
    return { ...(await runOnce(clients, compiled, input)), lines };
  } finally {
    for (const client of Object.values(clients)) client.destroy();
    await cloud.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

interface Clients {
  readonly sfn: SFNClient;
  readonly s3: S3Client;
}

async function runOnce(clients: Clients, compiled: CompiledWorkflow, input: JsonObject): Promise<Omit<Rehearsal, 'lines'>> {
  const executionArn = await begin(clients, compiled, input);
  let own: RunFacts = NO_FACTS;
  const onEvent = (event: Parameters<typeof withEvent>[1]) => {
    own = withEvent(own, event);
  };
  const { status = '', error = '', cause = '' } = await followExecution(clients.sfn, executionArn, { pollMs: POLL_MS, onEvent });
  const facts = await withChildren(clients.sfn, own);
  const bag = lastBag(facts.lastEnvelope);
  const history = bag ? await sessionFor(clients.s3, bag).hydrator.history(bag.state_history) : [];
  return { status, error: status === 'SUCCEEDED' ? '' : `${error}: ${causeText(cause)}`, facts, history };
}

const REHEARSAL = executionId('rehearsal');

/** The input always travels as an upload here: how it travels costs the run nothing. */
async function begin({ sfn, s3 }: Clients, compiled: CompiledWorkflow, input: JsonObject): Promise<string> {
  const { bucket, owner, machineArn } = LOCAL_APP;
  const store = s3ObjectStore(s3);
  await publishDefinition(compiled, { bucket, owner_id: owner }, store);
  const input_s3_path = uploadUri(bucket, owner, 'rehearsal/input.json');
  await store.put(input_s3_path, { body: Buffer.from(canonicalJson(input)), encoding: 'json' });
  const start: StartEvent = {
    schema_version: SCHEMA_VERSION,
    owner_id: owner,
    workflow_id: workflowId('rehearsal'),
    definition_id: compiled.definition_id,
    execution_id: REHEARSAL,
    input_s3_path,
  };
  const { executionArn = '' } = await sfn.send(new StartExecutionCommand({ stateMachineArn: machineArn, name: REHEARSAL, input: JSON.stringify(start) }));
  return executionArn;
}
