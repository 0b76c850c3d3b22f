import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { executionId } from '@statebag/contracts/ids';
import { executionArnOf, LOCAL_APP } from '@statebag/deployment/local-app';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { openRuns, readableExecutionId, workflowIdOf } from '@statebag/runs';
import { sdkStarts, startRun } from '@statebag/runs/start';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { compileWorkflow, readWorkflow } from '@statebag/workflow';
import { median } from './bench-row.ts';
import { firstOf, type GrownDirectory, growDirectory, nameOf } from './grow-directory.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const WORKFLOW = {
  name: 'growth',
  nodes: [{ id: 'n', type: 'data_transform', output_key: 'n', config: { transform: '{% 1 + 1 %}' } }],
};
/** Each question is asked so often; each directory is opened so often, and the least counts. */
const ASKED = 20;
const OPENED = 3;

/** Processor time in milliseconds of what is done with a data directory. */
export interface DirectoryCosts {
  readonly open: number;
  readonly list: number;
  readonly show: number;
  readonly start: number;
}

/**
 * The costs at each number of runs in one data directory. The runs are copies of one that `statebag run` has
 * run: 100,000 workflows would take an hour.
 */
export async function directoryCosts(
  sizes: readonly number[],
): Promise<readonly (DirectoryCosts & { readonly size: number })[]> {
  const folder = mkdtempSync(join(tmpdir(), 'statebag-growth-'));
  try {
    const grown = await firstRun(folder);
    const points = [];
    for (const size of sizes) {
      process.stderr.write(`runs in one data directory: ${size}\n`);
      await growDirectory(grown, size);
      points.push({ size, ...(await costs(grown, size)) });
    }
    return points;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function firstRun(folder: string): Promise<GrownDirectory> {
  const [workflow, input, dataDir] = ['workflow.json', 'input.json', 'data'].map((name) =>
    join(folder, name),
  );
  if (!workflow || !input || !dataDir) throw new RangeError('three names give three paths');
  writeFileSync(workflow, JSON.stringify(WORKFLOW));
  writeFileSync(input, '{}');
  const args = ['run', workflow, '--input', input, '--data-dir', dataDir, '--json'];
  await promisify(execFile)(join(ROOT, 'bin', 'statebag'), args);
  return firstOf(dataDir);
}

async function costs({ dataDir }: GrownDirectory, size: number): Promise<DirectoryCosts> {
  const opened = [];
  for (let attempts = OPENED; attempts > 0; attempts--)
    opened.push(await cpuOf(1, () => startLocalCloud({ dataDir }).then((cloud) => cloud.close())));
  const cloud = await startLocalCloud({ dataDir });
  try {
    return { open: Math.min(...opened), ...(await questions(cloud, size)) };
  } finally {
    await cloud.close();
  }
}

async function questions(cloud: LocalCloud, size: number): Promise<Omit<DirectoryCosts, 'open'>> {
  const options = cloud.clientOptions;
  const sfn = new SFNClient(options);
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  const items = new DynamoDBClient(options);
  const runs = openRuns({ client: items, table: LOCAL_APP.runsTable });
  const middle = nameOf(Math.floor(size / 2));
  const list = () =>
    Promise.all([
      runs.listRuns(LOCAL_APP.owner, { limit: 20 }),
      sfn.send(new ListExecutionsCommand({ stateMachineArn: LOCAL_APP.machineArn, maxResults: 20 })),
    ]);
  const show = async () => {
    const executionArn = executionArnOf(middle);
    await runs.getRun(executionId(middle));
    await sfn.send(new DescribeExecutionCommand({ executionArn }));
    await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
  };
  const start = starter({ sfn, s3, runs }, await passMachine(sfn, size));
  try {
    return {
      list: await cpuOf(ASKED, list),
      show: await cpuOf(ASKED, show),
      start: await cpuOf(ASKED, start),
    };
  } finally {
    for (const client of [sfn, s3, items]) client.destroy();
  }
}

/** Runs are started as the API does it, and recorded: on a machine that calls no function. */
function starter(
  { sfn, s3, runs }: { sfn: SFNClient; s3: S3Client; runs: ReturnType<typeof openRuns> },
  machine_arn: string,
): () => Promise<void> {
  const { workflow } = readWorkflow(JSON.stringify(WORKFLOW), { file: 'growth.json' });
  if (!workflow) throw new Error('the workflow of the bench is wrong');
  const place = {
    starts: sdkStarts(sfn),
    runs,
    store: s3ObjectStore(s3),
    bucket: LOCAL_APP.bucket,
    now: Date.now,
  };
  const definition = compileWorkflow(workflow);
  return async () => {
    const { execution_arn: executionArn } = await startRun(place, {
      owner_id: LOCAL_APP.owner,
      workflow_id: workflowIdOf(WORKFLOW.name),
      execution_id: readableExecutionId(WORKFLOW.name),
      ...{ generation: 'v3', machine_arn, definition, given: { input: {} } },
    });
    while ((await sfn.send(new DescribeExecutionCommand({ executionArn }))).status === 'RUNNING');
  };
}

async function passMachine(sfn: SFNClient, size: number): Promise<string> {
  const definition = { StartAt: 'Only', States: { Only: { Type: 'Pass', End: true } } };
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({
      name: `growth-${size}`,
      roleArn: 'arn:aws:iam::000000000000:role/growth',
      definition: JSON.stringify(definition),
    }),
  );
  if (stateMachineArn === undefined) throw new Error('no machine was made');
  return stateMachineArn;
}

/** Milliseconds of this process for one of the calls, in the middle of all. */
async function cpuOf(calls: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let call = 0; call < calls; call++) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1_000);
  }
  return median(times);
}
