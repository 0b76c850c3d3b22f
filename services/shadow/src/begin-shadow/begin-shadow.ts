import {
  isJsonObject,
  isStatebagError,
  type Json,
  type JsonObject,
  StatebagError,
  type Timestamp,
} from '@statebag/contracts';
import type { DefinitionId } from '@statebag/contracts/ids';
import { parseS3Uri, uploadUri } from '@statebag/contracts/object-keys';
import type { RolloutSettings } from '@statebag/contracts/schemas/rollout';
import { placeOf } from '@statebag/rollout';
import {
  beginReplay,
  bothEndsOf,
  publishedWorkflow,
  type Replay,
  type ReplayDeps,
} from '@statebag/rollout/replay';
import { legacyIds } from '@statebag/state-core/legacy';
import { readDocument, type Workflow } from '@statebag/workflow';
import type { EndedExecution } from './ended-execution.ts';

const CHILD = /^[0-9a-f]{64}$/;

/**
 * Runs a share of the legacy runs that succeeded again on v3. Gives the shadow's execution, or nothing where
 * none was begun.
 */
export async function beginShadow(
  deps: ReplayDeps,
  ended: EndedExecution,
  { shadow }: RolloutSettings,
): Promise<string | undefined> {
  const { executionArn, name } = ended;
  if (!shadow.on || CHILD.test(name) || placeOf(['shadow', name]) >= shadow.share) return undefined;
  const { start, bag } = await bothEndsOf(deps, executionArn);
  if ('state_data' in start) return undefined; // a part of a run, or one that went on: it did not begin here
  try {
    return await beginReplay(deps, await replayOf(deps, { start, bag, name }));
  } catch (error) {
    if (isStatebagError(error) && NOTHING_TO_COMPARE.has(error.name)) return undefined;
    throw error;
  }
}

/** Runs that v3 has no equal of, and those whose workflow or input expired: nothing is said of them. */
const NOTHING_TO_COMPARE: ReadonlySet<string> = new Set(['Rollout.NotComparable', 'Store.ObjectMissing']);

/** A legacy run as v3 would have begun it. @throws `Rollout.NotComparable` */
export async function replayOf(
  deps: ReplayDeps,
  { start, bag, name }: { start: JsonObject; bag: JsonObject; name: string },
): Promise<Replay> {
  const ids = legacyIds(start, name);
  const { workflow_id = 'workflow' } = start;
  const { start_time } = bag;
  if (typeof start_time !== 'string')
    throw new StatebagError(
      'Rollout.NotComparable',
      `run ${ids.execution_id} left no bag that says when it began`,
    );
  return {
    ...ids,
    workflow_id: String(workflow_id) as Replay['workflow_id'], // init checks its grammar
    input: await inputOf(deps, start, ids.owner_id),
    start_time: start_time as Timestamp, // init checks its form
    workflow: await workflowOf(deps, start, ids.owner_id),
  };
}

async function workflowOf(
  { process, bucket }: ReplayDeps,
  { definition_id, workflow_config }: JsonObject,
  owner_id: Replay['owner_id'],
): Promise<Workflow> {
  // a key that is not there is missing
  if (typeof definition_id === 'string')
    return publishedWorkflow(process.store, {
      bucket,
      owner_id,
      definition_id: definition_id as DefinitionId,
    });
  const { workflow } = isJsonObject(workflow_config)
    ? readDocument(workflow_config, { file: 'workflow_config' })
    : { workflow: null };
  if (workflow) return workflow;
  throw new StatebagError('Rollout.NotComparable', 'the run brought no workflow along that v3 takes');
}

async function inputOf(
  { process, bucket }: ReplayDeps,
  { input, initial_state, input_s3_path }: JsonObject,
  owner_id: Replay['owner_id'],
): Promise<JsonObject> {
  if (typeof input_s3_path !== 'string')
    return ([input, initial_state].find((value) => isJsonObject(value)) as JsonObject | undefined) ?? {};
  const own = uploadUri(bucket, owner_id, '');
  if (!input_s3_path.startsWith(own))
    throw new StatebagError('Rollout.NotComparable', 'the run read its input from somewhere else');
  const { body } = await process.store.get(
    `s3://${bucket}/${parseS3Uri(input_s3_path).key}` as ReturnType<typeof uploadUri>,
  ); // inside of the owner's uploads
  const value: Json = JSON.parse(Buffer.from(body).toString('utf8'));
  return value as JsonObject; // the run began with it
}
