import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { JsonObject } from '@statebag/contracts';
import { legacyIds, legacyStateOf, openLegacyBag } from '@statebag/state-core/legacy';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { openSession, openStore } from '@statebag/state-core/store/store-session';
import { compileWorkflow, DEFAULT_COMPILE_LIMITS, publishDefinition, readWorkflow } from '@statebag/workflow';
import { eventually } from './approvals-app.ts';
import { type DeployedTestApp, type EndedRun, OWNER } from './deployed-app.ts';

const BUCKET = 'statebag-test';

export const LEGACY_WORKFLOW: JsonObject = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures', 'test_legacy_workflow.json'), 'utf8'),
);
export const LEGACY_INPUT: JsonObject = { tickets: ['T-1 cannot log in', 'T-2 invoice wrong', 'T-3 thanks'] };

/** A run of the first generation in the end: its status is in its bare bag. */
export interface EndedLegacyRun extends Omit<EndedRun, 'envelope'> {
  readonly bag: JsonObject;
}

let runs = 0;

/** Publishes a workflow for the first generation and gives the start that existing callers send. */
export async function legacyStart(
  app: DeployedTestApp,
  document: JsonObject,
  members: JsonObject = {},
): Promise<JsonObject> {
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(document), { file: 'legacy.json' });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  const compiled = compileWorkflow(workflow, DEFAULT_COMPILE_LIMITS, { compat: 'legacy' });
  await publishDefinition(compiled, { bucket: BUCKET, owner_id: OWNER }, s3ObjectStore(app.s3));
  return {
    owner_id: OWNER,
    workflow_id: 'legacy',
    definition_id: compiled.definition_id,
    execution_id: `legacy-${++runs}`,
    ...members,
  };
}

/**
 * Starts the first generation's machine with an input as it is; a name of its own, since a run may be started
 * again.
 */
export async function startLegacy(app: DeployedTestApp, input: JsonObject): Promise<string> {
  const { executionArn = '' } = await app.sfn.send(
    new StartExecutionCommand({
      stateMachineArn: app.machineArn('legacy'),
      name: `first-${++runs}`,
      input: JSON.stringify(input),
    }),
  );
  return executionArn;
}

export async function endLegacy(app: DeployedTestApp, executionArn: string): Promise<EndedLegacyRun> {
  const { envelope, ...ended } = await app.end(executionArn);
  return { ...ended, bag: openLegacyBag((envelope?.state_data ?? {}) as unknown as JsonObject) };
}

export async function runLegacy(app: DeployedTestApp, input: JsonObject): Promise<EndedLegacyRun> {
  return endLegacy(app, await startLegacy(app, input));
}

/** The whole state of a bag, pointers replaced by their values. */
export function legacyState(app: DeployedTestApp, bag: JsonObject): Promise<JsonObject> {
  const { hydrator } = openSession(openStore(s3ObjectStore(app.s3)), { bucket: BUCKET, ...legacyIds(bag) });
  return hydrator.fields(legacyStateOf(bag), 'all');
}

/** The item under which a run's key is held. */
export async function keyItem({ cloud }: DeployedTestApp, key: string): Promise<JsonObject | undefined> {
  const client = new DynamoDBClient(cloud.clientOptions);
  const Key = { pk: { S: `legacy#${OWNER}#${key}` }, sk: { S: 'run' } };
  const { Item } = await client.send(
    new GetItemCommand({ TableName: 'statebag-runs-local', Key, ConsistentRead: true }),
  );
  client.destroy();
  // texts and numbers
  return Item && Object.fromEntries(Object.entries(Item).map(([name, { S, N }]) => [name, S ?? Number(N)]));
}

/** The item once its run has ended and that was recorded. */
export function endedKey(app: DeployedTestApp, key: string, status: string): Promise<JsonObject> {
  return eventually(async () => {
    const item = await keyItem(app, key);
    return item?.['status'] === status && item['expires_at'] !== undefined ? item : undefined;
  });
}
