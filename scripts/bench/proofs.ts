import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { JsonObject, Timestamp } from '@statebag/contracts';
import { executionId, ownerId, workflowId } from '@statebag/contracts/ids';
import { THRESHOLDS } from '@statebag/contracts/limits';
import { awsSource, replayRun } from '@statebag/replay';
import { type ForkPlace, planFork, startFork } from '@statebag/rollout/fork';
import type { RunRecord } from '@statebag/runs';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { openStore } from '@statebag/state-core/store/store-session';
import { type CompiledWorkflow, compileWorkflow, readDocument } from '@statebag/workflow';
import { DeployedTestApp, OWNER } from '../../test/deployed-app.ts';
import { atMost, type BenchRow } from './bench-row.ts';

const NODES = 500;
const RUN = 'five-hundred';
const BUCKET = 'statebag-test';

/** What shows something about a run that has been: its fork and its replay, on the local cloud. */
export async function suite(): Promise<BenchRow[]> {
  const app = await DeployedTestApp.open();
  try {
    const arn = await app.start(chain(''), { name: RUN });
    const { status, cause } = await app.end(arn);
    if (status !== 'SUCCEEDED') throw new Error(`${RUN} ${status}: ${cause}`);
    const parent = recordOf(app, arn);
    return [...(await forked(app, parent)), await replayed(app, parent)];
  } finally {
    await app.close();
  }
}

/** Model calls in a row, each in a segment of its own; the last but one may be edited. */
function chain(edit: string): JsonObject {
  const call = (_: unknown, index: number): JsonObject => ({
    id: `call${index}`,
    type: 'llm_chat',
    output_key: `call${index % 20}`,
    config: { prompt: `${index}? {{ call${(index + 19) % 20} }}${index === NODES - 2 ? edit : ''}` },
  });
  const fields = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`call${index}`, '']));
  return {
    name: 'chain',
    initial_state: fields,
    nodes: Array.from({ length: NODES }, call),
    options: { llm_per_segment: 1 },
  };
}

async function forked(app: DeployedTestApp, parent: RunRecord): Promise<BenchRow[]> {
  const place: ForkPlace = {
    sfn: app.sfn,
    runs: { createRun: async () => ({ created: true }) },
    process: openStore(s3ObjectStore(app.s3)),
    bucket: BUCKET,
    machine_arn: app.machineArn(),
    now: Date.now,
  };
  const workflow = compiled(chain(' In short.'));
  const [began, spent] = [performance.now(), process.cpuUsage()];
  const planned = await planFork(place, { parent, workflow, mark: '0001' });
  const { execution_arns } = await startFork(place, planned);
  const started = performance.now() - began;
  const { status, cause } = await app.end(execution_arns[0] ?? '');
  const took = performance.now() - began;
  const { user, system } = process.cpuUsage(spent);
  if (status !== 'SUCCEEDED') throw new Error(`the fork ${status}: ${cause}`);
  const written =
    (await bytesUnder(app, `runs/${OWNER}/${planned.execution_id}/`)) +
    (await bytesUnder(app, `definitions/${OWNER}/${workflow.definition_id}/`));
  return [
    row('fork of 500 nodes with one late edit, to its end', 'ms', took, {
      limit: 2_000,
      note: `${Math.round(started)} ms until it has begun; ${Math.round((user + system) / 1_000)} ms of the processor, the local cloud included`,
    }),
    row('objects that it writes, its definition included', 'bytes', written, { limit: 1_000_000 }),
  ];
}

async function replayed(app: DeployedTestApp, run: RunRecord): Promise<BenchRow> {
  const { owner_id, execution_id } = run;
  const began = performance.now();
  const report = await replayRun({
    source: awsSource(app),
    location: { bucket: BUCKET, owner_id, execution_id },
    executionArns: run.execution_arns,
    config: { bucket: BUCKET, thresholds: THRESHOLDS },
    showsValues: false,
  });
  if (!report.equal) throw new Error(`the replay parts: ${JSON.stringify(report.differences[0])}`);
  const rate = (NODES / (performance.now() - began)) * 1_000;
  return {
    ...row('segments replayed a second', 'segments', rate, { limit: 50 }),
    target: '>= 50',
    holds: rate >= 50,
  };
}

function compiled(document: JsonObject): CompiledWorkflow {
  const { workflow, diagnostics } = readDocument(document, { file: 'chain' });
  if (workflow) return compileWorkflow(workflow);
  throw new Error(JSON.stringify(diagnostics[0]));
}

function recordOf(app: DeployedTestApp, arn: string): RunRecord {
  const { definition_id } = compiled(chain(''));
  return {
    owner_id: ownerId(OWNER),
    execution_id: executionId(RUN),
    workflow_id: workflowId('test'),
    definition_id,
    generation: 'v3',
    machine_arn: app.machineArn(),
    started_at: new Date(0).toISOString() as Timestamp, // the one form toISOString has
    execution_arns: [arn],
    input_sha256: definition_id,
    status: 'SUCCEEDED',
    reported: true,
  };
}

async function bytesUnder({ s3 }: DeployedTestApp, prefix: string): Promise<number> {
  let total = 0;
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix, ContinuationToken }),
    );
    for (const { Size = 0 } of page.Contents ?? []) total += Size;
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return total;
}

function row(
  figure: string,
  unit: string,
  ours: number,
  { limit, note }: { readonly limit: number; readonly note?: string },
): BenchRow {
  return {
    ...atMost(limit, { figure, unit, ours }),
    ...(note !== undefined && { note }),
  };
}
