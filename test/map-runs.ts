import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Json, JsonObject } from '@statebag/contracts';
import { runPrefix } from '@statebag/contracts/object-keys';
import type { Envelope } from '@statebag/contracts/schemas/state-bag';
import { resumedEnvelope } from '@statebag/state-core/core/resumed-envelope';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { compileWorkflow, publishDefinition, readWorkflow } from '@statebag/workflow';
import { type DeployedTestApp, type EndedRun, OWNER } from './deployed-app.ts';

const BUCKET = 'statebag-test';

export function fixture(): JsonObject {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'test_distributed_v3.json'), 'utf8'));
}

/** Rows of about this many bytes. */
export function rowsOf(count: number, bytes = 60): JsonObject[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    amount: id % 7,
    note: String(id).padStart(bytes - 40, '.'),
  }));
}

/** A workflow of one distributed list. */
export function mapWorkflow(
  config: JsonObject,
  body: JsonObject[] = [double()],
  state: JsonObject = {},
): JsonObject {
  const list = {
    id: 'each',
    type: 'for_each',
    output_key: 'all',
    config: { distributed: 'batched', batch_size: 5, ...config, body: { nodes: body } },
  };
  return { name: 'map', initial_state: { numbers: [], rate: 2, ...state }, nodes: [list] };
}

function double(): JsonObject {
  return {
    id: 'double',
    type: 'data_transform',
    output_key: 'y',
    config: { transform: '{% $item * rate %}' },
  };
}

export async function upload(app: DeployedTestApp, name: string, body: string): Promise<void> {
  await app.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `uploads/${OWNER}/${name}`, Body: body }));
}

/** Runs a workflow on an input that is too large for a start event. */
export async function runOnUpload(
  app: DeployedTestApp,
  document: JsonObject,
  { input, name }: { input: JsonObject; name: string },
): Promise<EndedRun> {
  await upload(app, `${name}/input.json`, JSON.stringify(input));
  const { workflow } = readWorkflow(JSON.stringify(document), { file: `${name}.json` });
  if (!workflow) throw new Error(`${name} is not valid`);
  const compiled = compileWorkflow(workflow);
  await publishDefinition(compiled, { bucket: BUCKET, owner_id: OWNER }, s3ObjectStore(app.s3));
  const ids = {
    schema_version: 3,
    owner_id: OWNER,
    workflow_id: 'test',
    definition_id: compiled.definition_id,
    execution_id: name,
  };
  const start = { ...ids, input_s3_path: `s3://${BUCKET}/uploads/${OWNER}/${name}/input.json` };
  const { executionArn = '' } = await app.sfn.send(
    new StartExecutionCommand({ stateMachineArn: app.machineArn(), name, input: JSON.stringify(start) }),
  );
  return app.end(executionArn);
}

/** What RunDistributedMap was given and what it gave back, each time. */
export async function mapsOf(
  app: DeployedTestApp,
  executionArn: string,
): Promise<{ readonly arns: string[]; readonly before: Envelope[]; readonly after: Envelope[] }> {
  const events = await app.history(executionArn);
  const isMap = (name: string | undefined) => name === 'RunDistributedMap';
  return {
    arns: events.flatMap(({ taskSubmittedEventDetails: submitted }) =>
      submitted?.resourceType === 'states' ? [String(JSON.parse(submitted.output ?? '{}').ExecutionArn)] : [],
    ),
    before: events.flatMap(({ stateEnteredEventDetails: entered }) =>
      isMap(entered?.name) ? [JSON.parse(entered?.input ?? 'null')] : [],
    ),
    after: events.flatMap(({ stateExitedEventDetails: exited }) =>
      isMap(exited?.name) ? [JSON.parse(exited?.output ?? 'null')] : [],
    ),
  };
}

/** Goes on with a run that failed in its map; only the items that failed are run again. */
export async function resumeFailedItems(app: DeployedTestApp, executionArn: string): Promise<EndedRun> {
  const { before, after } = await mapsOf(app, executionArn);
  const [last, asked] = [after.at(-1), before.at(-1)];
  if (!last || !asked) throw new Error(`${executionArn} has no map`);
  const envelope = resumedEnvelope(last, asked, { failedItems: true });
  const name = `${executionArn.split(':').at(-1)}.r${envelope.state_data.resume_count}`;
  const started = await app.sfn.send(
    new StartExecutionCommand({
      stateMachineArn: app.machineArn(),
      name,
      input: JSON.stringify({ ...envelope, resumed: true }),
    }),
  );
  return app.end(started.executionArn ?? '');
}

/** Names of the objects that a run's maps have left. */
export async function mapObjects(app: DeployedTestApp, execution_id: string): Promise<string[]> {
  const Prefix = `${runPrefix({ owner_id: OWNER, execution_id: execution_id as never })}map/`;
  const { Contents = [] } = await app.s3.send(
    new ListObjectsV2Command({ Bucket: BUCKET, Prefix, MaxKeys: 1_000 }),
  );
  return Contents.map(({ Key = '' }) => Key);
}

/** The values of a list, one after the other. */
export function valuesOf(state: JsonObject, field = 'all'): readonly Json[] {
  const list = state[field];
  if (!Array.isArray(list)) throw new Error(`${field} is no list`);
  return list;
}
