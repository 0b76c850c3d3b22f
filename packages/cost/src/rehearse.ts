import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { JsonObject } from '@statebag/contracts';
import { causeText } from '@statebag/contracts/cause-text';
import { executionId, ownerId, workflowId } from '@statebag/contracts/ids';
import type { HistoryEntry } from '@statebag/contracts/schemas/history';
import type { Envelope } from '@statebag/contracts/schemas/state-bag';
import { startLocalCloud } from '@statebag/local-cloud';
import { followExecution, NO_FACTS, type RunFacts, withChildren, withEvent } from '@statebag/runs/history';
import { sdkStarts, startRun } from '@statebag/runs/start';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { openSession, openStore } from '@statebag/state-core/store/store-session';
import { virtualClock } from '@statebag/states';
import type { StepLine } from '@statebag/step-kit';
import { type CompiledWorkflow, LIST_PRICES, type PriceList } from '@statebag/workflow';
import { createMachines } from './rehearsed-machines.ts';
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

/** A deployment that lasts as long as one rehearsal. */
const STAGE = {
  bucket: 'statebag-state-local',
  owner: ownerId('local'),
} as const;
const POLL_MS = 5;

/**
 * Runs a workflow on the real state machines and steps, in this process, with stand-ins for models, services
 * and people, and with waits skipped. Nothing is kept.
 */
export async function rehearse(
  compiled: CompiledWorkflow,
  input: JsonObject,
  prices: PriceList = LIST_PRICES,
): Promise<Rehearsal> {
  const dataDir = await mkdtemp(join(tmpdir(), 'statebag-cost-'));
  const lines: StepLine[] = [];
  const clock = virtualClock();
  const functions = standInFunctions(clock, { prices, onLine: (line) => lines.push(line) });
  const cloud = await startLocalCloud({ dataDir, clock, taskFunctions: functions });
  const clients = {
    sfn: new SFNClient(cloud.clientOptions),
    s3: new S3Client({ ...S3_CLIENT_SETTINGS, ...cloud.clientOptions, forcePathStyle: true }),
  };
  try {
    functions.open({ ...clients, bucket: STAGE.bucket });
    await cloud.s3.createBucket(STAGE.bucket);
    const machine_arn = await createMachines(cloud, STAGE.bucket);
    return { ...(await runOnce(clients, { machine_arn, definition: compiled, given: { input } })), lines };
  } finally {
    for (const client of Object.values(clients)) client.destroy();
    await cloud.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

interface Started {
  readonly machine_arn: string;
  readonly definition: CompiledWorkflow;
  readonly given: { readonly input: JsonObject };
}

interface Clients {
  readonly sfn: SFNClient;
  readonly s3: S3Client;
}

async function runOnce(clients: Clients, started: Started): Promise<Omit<Rehearsal, 'lines'>> {
  const executionArn = await begin(clients, started);
  let own: RunFacts = NO_FACTS;
  const onEvent = (event: Parameters<typeof withEvent>[1]) => {
    own = withEvent(own, event);
  };
  const {
    status = '',
    error = '',
    cause = '',
  } = await followExecution(clients.sfn, executionArn, { pollMs: POLL_MS, onEvent });
  const facts = await withChildren(clients.sfn, own);
  return {
    status,
    error: status === 'SUCCEEDED' ? '' : `${error}: ${causeText(cause)}`,
    facts,
    history: await historyOf(clients.s3, facts),
  };
}

async function historyOf(s3: S3Client, { lastEnvelope }: RunFacts): Promise<readonly HistoryEntry[]> {
  if (lastEnvelope === undefined) return [];
  const { state_data }: Envelope = JSON.parse(lastEnvelope);
  const { hydrator } = openSession(openStore(s3ObjectStore(s3)), { bucket: STAGE.bucket, ...state_data });
  return hydrator.history(state_data.state_history);
}

async function begin({ sfn, s3 }: Clients, started: Started): Promise<string> {
  const { bucket, owner } = STAGE;
  const { execution_arn } = await startRun(
    { starts: sdkStarts(sfn), store: s3ObjectStore(s3), bucket, now: Date.now },
    {
      owner_id: owner,
      workflow_id: workflowId('rehearsal'),
      execution_id: executionId('rehearsal'),
      generation: 'v3',
      ...started,
    },
  );
  return execution_arn;
}
