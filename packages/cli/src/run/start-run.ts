import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import {
  type ExecutionId,
  executionId,
  type JsonObject,
  KB,
  parseS3Uri,
  type S3Uri,
  SCHEMA_VERSION,
  type StartEvent,
  uploadUri,
  workflowId,
} from '@statebag/contracts';
import { byteSizeOf, canonicalJson, s3ObjectStore } from '@statebag/state-core';
import { type CompiledWorkflow, compileWorkflow, DEFAULT_COMPILE_LIMITS, publishDefinition } from '@statebag/workflow';
import { liveVersion } from '../cloud/live-version.ts';
import { LOCAL_APP } from '../cloud/local-app.ts';
import type { OpenApp } from '../cloud/open-app.ts';

/** An input above this travels as an upload: a start event may hold 256 KB, and is kept in the history. */
const INLINE_INPUT_BYTES = 128 * KB;

export interface StartedRun {
  readonly executionId: ExecutionId;
  readonly executionArn: string;
}

/** Stores the definition (once) and a large input, then starts the newest version of the state machine under the run's id. */
export async function startRun(app: OpenApp, compiled: CompiledWorkflow, input: JsonObject): Promise<StartedRun> {
  const id = newExecutionId(compiled.manifest.name);
  await publishDefinition(compiled, { bucket: LOCAL_APP.bucket, owner_id: LOCAL_APP.owner }, s3ObjectStore(app.s3));
  const start: StartEvent & { machine_arn: string } = {
    schema_version: SCHEMA_VERSION,
    owner_id: LOCAL_APP.owner,
    workflow_id: workflowId(idFrom(compiled.manifest.name)),
    definition_id: compiled.definition_id,
    execution_id: id,
    machine_arn: await liveVersion(app.sfn, LOCAL_APP.machineArn),
    ...(await inputOf(app.s3, id, input)),
  };
  return { executionId: id, executionArn: await begin(app.sfn, start.machine_arn, start) };
}

/** The same on the first generation, whose definition says more. */
export async function startLegacyRun(app: OpenApp, { workflow, manifest }: CompiledWorkflow, input: JsonObject): Promise<StartedRun> {
  const id = newExecutionId(manifest.name);
  const { bucket, owner: owner_id, legacyMachineArn } = LOCAL_APP;
  const compiled = compileWorkflow(workflow, DEFAULT_COMPILE_LIMITS, { compat: 'legacy' });
  await publishDefinition(compiled, { bucket, owner_id }, s3ObjectStore(app.s3));
  const start = {
    owner_id,
    workflow_id: idFrom(manifest.name),
    definition_id: compiled.definition_id,
    execution_id: id,
    ...(await inputOf(app.s3, id, input)),
  };
  return { executionId: id, executionArn: await begin(app.sfn, await liveVersion(app.sfn, legacyMachineArn), start) };
}

async function inputOf(s3: S3Client, id: ExecutionId, input: JsonObject): Promise<{ input: JsonObject } | { input_s3_path: S3Uri }> {
  if (byteSizeOf(input) <= INLINE_INPUT_BYTES) return { input };
  const uri = uploadUri(LOCAL_APP.bucket, LOCAL_APP.owner, `${id}/input.json`);
  const { bucket, key } = parseS3Uri(uri);
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: canonicalJson(input), ContentType: 'application/json' }));
  return { input_s3_path: uri };
}

async function begin(sfn: SFNClient, stateMachineArn: string, start: { readonly execution_id: ExecutionId }): Promise<string> {
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, name: start.execution_id, input: JSON.stringify(start) }));
  if (executionArn === undefined) throw new Error('StartExecution answered without an executionArn');
  return executionArn;
}

/** Readable, sortable by time, and unlikely to meet another: `ticket-triage-mf3k2x1a-7q4d`. */
function newExecutionId(name: string): ExecutionId {
  const time = Date.now().toString(36);
  const random = Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0');
  return executionId(`${idFrom(name).slice(0, 40)}-${time}-${random}`);
}

/** A workflow's name in the grammar of ids. */
function idFrom(name: string): string {
  const id = name
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
  return id === '' ? 'workflow' : id;
}
