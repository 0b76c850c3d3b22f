import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { type Envelope, executionId, type JsonObject, ownerId, SCHEMA_VERSION } from '@statebag/contracts';
import { deployApp, startLocalCloud } from '@statebag/local-cloud';
import { canonicalJson, eachBounded, openSession, openStore, s3ObjectStore } from '@statebag/state-core';
import { compileWorkflow, createProviders, evaluateInMemory, publishDefinition, readWorkflow, type Workflow } from '@statebag/workflow';
import { arbitraryWorkflow, type WorkflowCase } from '@statebag/workflow/testing';
import fc from 'fast-check';

const ROOT = join(import.meta.dirname, '..', '..');
const BUCKET = 'statebag-law';
const OWNER = ownerId('law');
const AT_ONCE = 4;
const POLL_MS = 10;
/** Far above what any of them takes: a run that is still under way then has got stuck. */
const STUCK_MS = 120_000;

/** What one generated workflow came to on both ways, as canonical JSON. */
export interface Comparison {
  readonly document: JsonObject;
  readonly status: string;
  readonly segmented: string;
  readonly inMemory: string;
}

/** Runs generated workflows through the deployed definition and handlers over real HTTP, and compares each final state with plain evaluation in memory. */
export async function run({ count, seed }: { count: number; seed: number }): Promise<Comparison[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'statebag-law-'));
  const cloud = await startLocalCloud({ dataDir });
  try {
    const { machines } = await deployApp(cloud, { root: ROOT, parameters: { stateBucket: BUCKET } });
    const options = { endpoint: cloud.endpoint, region: cloud.region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
    const clients = {
      sfn: new SFNClient(options),
      s3: new S3Client({ ...options, forcePathStyle: true }),
      machineArn: machines.find(({ key }) => key === 'v3')?.arn ?? '',
    };
    const cases = fc.sample(arbitraryWorkflow({ groups: true }), { numRuns: count, seed });
    return await eachBounded(
      cases.map((each, index) => ({ ...each, index })),
      AT_ONCE,
      (each) => compare(each, clients),
    );
  } finally {
    await cloud.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** The same, as a law. @throws naming the first workflow that differs */
export async function prove(options: { count: number; seed: number }): Promise<string> {
  const comparisons = await run(options);
  const different = comparisons.filter(({ status, segmented, inMemory }) => status !== 'SUCCEEDED' || segmented !== inMemory);
  if (different.length > 0)
    throw new Error(`${different.length} of ${comparisons.length} differ, seed ${options.seed}; the first: ${JSON.stringify(different[0], null, 1)}`);
  return `${comparisons.length} workflows ended the same`;
}

interface Clients {
  readonly sfn: SFNClient;
  readonly s3: S3Client;
  readonly machineArn: string;
}

async function compare({ document, input, index }: WorkflowCase & { readonly index: number }, clients: Clients): Promise<Comparison> {
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(document), { file: `case-${index}.json` });
  if (!workflow) throw new Error(`case ${index} is not valid: ${JSON.stringify(diagnostics)}`);
  const execution_id = executionId(`case-${index}`);
  const { status, output } = await runOnCloud({ workflow, input, execution_id }, clients);
  if (output === undefined) return { document, status, segmented: '', inMemory: '' };
  const { state_data }: Envelope = JSON.parse(output);
  const { hydrator } = openSession(openStore(s3ObjectStore(clients.s3)), { bucket: BUCKET, ...state_data });
  const inMemory = await evaluateInMemory(workflow, input, { execution_id, start_time: state_data.start_time, providers: createProviders() });
  return { document, status, segmented: canonicalJson(await hydrator.fields(state_data.current_state, 'all')), inMemory: canonicalJson(inMemory) };
}

interface OneRun {
  readonly workflow: Workflow;
  readonly input: JsonObject;
  readonly execution_id: ReturnType<typeof executionId>;
}

async function runOnCloud({ workflow, input, execution_id }: OneRun, { sfn, s3, machineArn }: Clients): Promise<{ status: string; output?: string }> {
  const compiled = compileWorkflow(workflow);
  await publishDefinition(compiled, { bucket: BUCKET, owner_id: OWNER }, s3ObjectStore(s3));
  const start = { schema_version: SCHEMA_VERSION, owner_id: OWNER, workflow_id: 'generated', definition_id: compiled.definition_id, execution_id, input };
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn: machineArn, name: execution_id, input: JSON.stringify(start) }));
  const stuckAt = Date.now() + STUCK_MS;
  for (;;) {
    const { status = '', output, error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'RUNNING') return { status: status === 'SUCCEEDED' ? status : `${status} ${error}: ${cause}`, ...(output === undefined ? {} : { output }) };
    if (Date.now() > stuckAt) return { status: `still ${status} after ${STUCK_MS} ms` };
    await pause(POLL_MS);
  }
}
