import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { JsonObject, Timestamp } from '@statebag/contracts';
import { executionId, ownerId } from '@statebag/contracts/ids';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { SCHEMA_VERSION } from '@statebag/contracts/statuses';
import { deployApp } from '@statebag/deployment/stack';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '@statebag/local-cloud';
import { THROWN_AWAY } from '@statebag/local-cloud/testing';
import { keptStateOf, openLegacyBag } from '@statebag/state-core/legacy';
import { eachBounded } from '@statebag/state-core/store/each-bounded';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { openSession, openStore } from '@statebag/state-core/store/store-session';
import {
  compileWorkflow,
  createProviders,
  DEFAULT_COMPILE_LIMITS,
  evaluateInMemory,
  publishDefinition,
  readWorkflow,
  textsBeside,
  type Workflow,
} from '@statebag/workflow';
import { arbitraryWorkflow, type WorkflowCase } from '@statebag/workflow/testing';
import fc from 'fast-check';
import { whenEnded } from '../when-ended.ts';
import { answerApprovals } from './legacy-approvals.ts';
import { differences, type EndedRun, stateDifferences } from './legacy-differences.ts';

const BUCKET = 'statebag-law';
/** Owners of their own: neither generation finds what the other one recorded. */
const OWNERS = { v3: ownerId('law-v3'), legacy: ownerId('law-legacy') };
const AT_ONCE = 4;
/** Far above what any of them takes: a run that is still under way then has got stuck. */
const STUCK_MS = 60_000;

/**
 * Generated workflows end with the same state and history on both generations, and with the state of plain
 * evaluation in memory; what the
 * generations may show otherwise is `ALLOWED_DIFFERENCES` of packages/rollout. @throws naming the first that
 * differs
 */
export async function prove({ count, seed }: { count: number; seed: number }): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'statebag-law-'));
  const taskFunctions: LocalCloudOptions['taskFunctions'] = {
    invoke: (invocation) => answerApprovals(invocation, cloud),
  };
  const cloud = await startLocalCloud({ dataDir, ...THROWN_AWAY, taskFunctions });
  try {
    const { machines } = await deployApp(cloud, { parameters: { stateBucket: BUCKET } });
    const arnOf = (name: string) => machines.find(({ key }) => key === name)?.arn ?? '';
    const clients = {
      cloud,
      sfn: new SFNClient(cloud.clientOptions),
      s3: new S3Client({ ...cloud.clientOptions, forcePathStyle: true }),
      machines: { v3: arnOf('v3'), legacy: arnOf('legacy') },
    };
    const cases = fc.sample(arbitraryWorkflow({ groups: true, approvals: true, uses: true }), {
      numRuns: count,
      seed,
    });
    const found = await eachBounded(
      cases.map((each, index) => ({ ...each, index })),
      AT_ONCE,
      (each) => compare(each, clients),
    );
    return summary(found.flat(), { count, seed });
  } finally {
    await cloud.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function summary(found: readonly string[], { count, seed }: { count: number; seed: number }): string {
  const [first] = found;
  if (first !== undefined)
    throw new Error(`${found.length} differences in ${count} workflows, seed ${seed}; the first: ${first}`);
  return `${count} workflows ended the same`;
}

interface Clients {
  readonly cloud: LocalCloud;
  readonly sfn: SFNClient;
  readonly s3: S3Client;
  readonly machines: { readonly v3: string; readonly legacy: string };
}

async function compare(
  { document, files, input, index }: WorkflowCase & { readonly index: number },
  clients: Clients,
): Promise<string[]> {
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(document), {
    file: `case-${index}.json`,
    readFile: textsBeside(files),
  });
  if (!workflow) throw new Error(`case ${index} is not valid: ${JSON.stringify(diagnostics)}`);
  const start = { workflow, input, execution_id: executionId(`case-${index}`) };
  const v3 = await runOn('v3', start, clients);
  // Time functions of expressions follow a run's start: both have the same.
  const legacy = await runOn('legacy', { ...start, start_time: v3.start_time }, clients);
  // of a bag
  const inMemory = await evaluateInMemory(workflow, input, {
    ...start,
    start_time: v3.start_time as Timestamp,
    providers: createProviders(),
  });
  const found = [...differences(v3, legacy), ...stateDifferences({ v3: v3.state, 'in memory': inMemory })];
  return found.map((difference) => `${difference}\n${JSON.stringify({ document, input })}`);
}

interface OneRun {
  readonly workflow: Workflow;
  readonly input: JsonObject;
  readonly execution_id: ReturnType<typeof executionId>;
  readonly start_time?: string;
}

async function runOn(
  generation: keyof Clients['machines'],
  { workflow, ...start }: OneRun,
  clients: Clients,
): Promise<EndedRun> {
  const owner_id = OWNERS[generation];
  const compiled = compileWorkflow(
    workflow,
    DEFAULT_COMPILE_LIMITS,
    generation === 'legacy' ? { compat: 'legacy' } : {},
  );
  await publishDefinition(compiled, { bucket: BUCKET, owner_id }, s3ObjectStore(clients.s3));
  const input = {
    ...(generation === 'v3' && { schema_version: SCHEMA_VERSION }),
    owner_id,
    workflow_id: 'generated',
    definition_id: compiled.definition_id,
    ...start,
  };
  const { status, output } = await ended(clients, {
    stateMachineArn: clients.machines[generation],
    name: start.execution_id,
    input: JSON.stringify(input),
  });
  if (output === undefined) return { status, start_time: '', state: {}, history: [] };
  // what a machine ends with; both are read the same way
  const bag = openLegacyBag(JSON.parse(output).state_data) as unknown as StateBag;
  const { hydrator } = openSession(openStore(s3ObjectStore(clients.s3)), {
    bucket: BUCKET,
    owner_id,
    execution_id: start.execution_id,
  });
  return {
    status,
    start_time: bag.start_time,
    state: await hydrator.fields(keptStateOf(bag), 'all'),
    history: await hydrator.history(bag.state_history),
  };
}

async function ended(
  { cloud, sfn }: Clients,
  start: { stateMachineArn: string; name: string; input: string },
): Promise<{ readonly status: string; readonly output?: string | undefined }> {
  const { executionArn = '' } = await sfn.send(new StartExecutionCommand(start));
  if ((await whenEnded(cloud, { executionArn, stuckMs: STUCK_MS })) === 'stuck')
    return { status: `still RUNNING after ${STUCK_MS} ms` };
  const {
    status = '',
    output,
    error,
    cause,
  } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  return { status: status === 'SUCCEEDED' ? status : `${status} ${error}: ${cause}`, output };
}
