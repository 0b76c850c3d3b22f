import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { isStatebagError, type JsonObject, StatebagError } from '@statebag/contracts';
import { forkId, rootOf } from '@statebag/contracts/fork-lineage';
import type { ExecutionId, NodeId, SegmentId } from '@statebag/contracts/ids';
import type { S3Uri } from '@statebag/contracts/object-keys';
import type { HistoryEntry, Usage } from '@statebag/contracts/schemas/history';
import type { Envelope } from '@statebag/contracts/schemas/state-bag';
import type { NextAction } from '@statebag/contracts/statuses';
import type { RunRecord } from '@statebag/runs';
import { sealedEnvelopes } from '@statebag/runs/history';
import { executionArn } from '@statebag/runs/start';
import { canonicalJson } from '@statebag/state-core';
import { refuseReserved } from '@statebag/state-core/core/first-bag';
import { openSession, type StoreProcess } from '@statebag/state-core/store/store-session';
import { type CompiledWorkflow, compileWorkflow } from '@statebag/workflow';
import { publishedWorkflow } from '../replay/replay-run.ts';
import { compareDefinitions, type DefinitionChange, everySegmentIn } from './compare-definitions.ts';
import { fatesOf } from './node-fates.ts';
import { behindOf, finishedNodes, type PlannedNode, plannedNodes } from './planned-nodes.ts';

/** Where runs are read. */
export interface ForkReading {
  readonly sfn: SFNClient;
  readonly process: StoreProcess;
  readonly bucket: string;
}

/** What a fork is to be. */
export interface ForkWish {
  readonly parent: RunRecord;
  /** The edited workflow; that of the run if not given. */
  readonly workflow?: CompiledWorkflow | undefined;
  /** The fork begins no later than with the segment that holds this node. */
  readonly at?: string | undefined;
  /** Fields that are set where it begins. */
  readonly set?: JsonObject | undefined;
  /** Four letters or digits that tell it from other forks of the run. */
  readonly mark: string;
}

/** A fork before it begins: where, with what, and what it will do again. */
export interface PlannedFork {
  readonly execution_id: ExecutionId;
  readonly parent: RunRecord;
  readonly definition: CompiledWorkflow;
  readonly change: DefinitionChange;
  /** The last bag of the run that the edit leaves as it is. */
  readonly envelope: Envelope;
  readonly segment_to_run: SegmentId;
  /** Fields to set there. */
  readonly set: JsonObject;
  /** Results of the run that the fork begins behind. */
  readonly shared_results: number;
  /** Nodes that run in the fork. */
  readonly nodes: readonly PlannedNode[];
  /** What the run spent before that point: it is shared. */
  readonly shared_usage: Usage;
  readonly stands: Stand;
}

/** Where the run is that is forked. */
export interface Stand {
  /** What its last bag says comes next, and the segment that sealed it. */
  readonly next_action: NextAction;
  readonly segment: SegmentId | null;
  readonly before: CompiledWorkflow;
  /** Nodes that came to their end. */
  readonly finished: ReadonlySet<NodeId>;
  /** Those of them behind the point where the fork begins. */
  readonly behind: readonly NodeId[];
}

/**
 * Finds the latest point of the run that the edit leaves as it is, and says what runs again behind it.
 * Nothing is written.
 * @throws `Run.NotForkable`
 */
export async function planFork(place: ForkReading, wish: ForkWish): Promise<PlannedFork> {
  const { parent, set = {}, mark } = wish;
  refuseReserved(set);
  const execution_id = forkId(parent.execution_id, mark);
  const before = await definitionOfRun(place, parent);
  const after = wish.workflow ?? before;
  const change = compareDefinitions(before, after);
  const envelopes = await envelopesOf(place, parent);
  const [beginning] = envelopes;
  if (!beginning) throw notForkable(parent, 'it never had a bag: start it again');
  const given = await changedBeginning(place, { parent, beginning, before, after });
  const fromStart = Object.keys(given).length > 0 || (wish.at === undefined && Object.keys(set).length > 0);
  const point = fromStart
    ? { envelope: beginning, segment_to_run: after.manifest.first_segment }
    : latestPoint(envelopes, { before, after, change, wish });
  const fields = { ...given, ...set };
  const last = envelopes.at(-1) ?? beginning;
  const history = await historyOf(place, parent, last);
  const finished = finishedNodes(history);
  const fates = fatesOf(before, after, {
    change,
    fields: Object.keys(fields),
    finished: parent.status === 'SUCCEEDED' ? null : finished,
  });
  const shared = await historyOf(place, parent, point.envelope);
  return {
    execution_id,
    parent,
    definition: after,
    change,
    ...point,
    set: fields,
    shared_results: point.envelope.state_data.loop_counter,
    shared_usage: point.envelope.state_data.usage,
    nodes: plannedNodes(after, fates, { history, shared }),
    stands: {
      next_action: last.next_action,
      segment: last.state_data.segment_id,
      before,
      finished,
      behind: [...finishedNodes(behindOf({ history, shared }))],
    },
  };
}

/** The compiled workflow of a run. @throws `Run.NotForkable` where it is gone */
export async function definitionOfRun(
  { process, bucket }: ForkReading,
  run: RunRecord,
): Promise<CompiledWorkflow> {
  const { owner_id, definition_id } = run;
  const workflow = await stillThere(run, () =>
    publishedWorkflow(process.store, { bucket, owner_id, definition_id }),
  );
  return compileWorkflow(workflow);
}

/** @throws `Run.NotForkable` where an object of the run has expired */
async function stillThere<Value>(run: RunRecord, read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    if (isStatebagError(error) && error.name === 'Store.ObjectMissing')
      throw notForkable(run, `what it kept is gone: ${error.message}`);
    throw error;
  }
}

/** The bags of a run in order, those of its resumes included, as far as the run itself has them. */
async function envelopesOf({ sfn }: ForkReading, run: RunRecord): Promise<Envelope[]> {
  if (run.generation === 'legacy')
    throw notForkable(run, 'it is on the first generation, whose states are not kept segment by segment');
  const all: Envelope[] = [];
  for (const arn of run.execution_arns) {
    const found: Envelope[] = [];
    for await (const envelope of sealedEnvelopes(sfn, arn)) found.push(envelope);
    all.push(...found.reverse());
  }
  return all.filter(({ state_data }) => state_data.branch_path === '');
}

interface Definitions {
  readonly before: CompiledWorkflow;
  readonly after: CompiledWorkflow;
}

/** Fields of `initial_state` that the edit changes, as far as the input of the run did not give them. */
async function changedBeginning(
  place: ForkReading,
  {
    parent,
    beginning,
    before,
    after,
  }: Definitions & { readonly parent: RunRecord; readonly beginning: Envelope },
): Promise<JsonObject> {
  const [old, edited] = [before.manifest.initial_state, after.manifest.initial_state];
  const names = Object.keys(edited).filter((name) => textOf(old[name]) !== textOf(edited[name]));
  if (names.length === 0) return {};
  const [inInput, stood] = await stillThere(parent, () =>
    Promise.all([
      inputFieldsOf(place, parent),
      sessionOf(place, parent).hydrator.fields(beginning.state_data, names),
    ]),
  );
  return Object.fromEntries(
    names
      .filter((name) => !inInput.has(name) && textOf(stood[name]) === textOf(old[name]))
      .map((name) => [name, edited[name] ?? null]),
  );
}

/** Fields that the run, or the one that began its past, was started with. */
async function inputFieldsOf({ sfn, process }: ForkReading, run: RunRecord): Promise<ReadonlySet<string>> {
  const first = executionArn(run.machine_arn, rootOf(run.execution_id));
  const { input = '{}' } = await sfn.send(new DescribeExecutionCommand({ executionArn: first }));
  const event: { readonly input?: JsonObject; readonly input_s3_path?: S3Uri } = JSON.parse(input);
  if (event.input !== undefined) return new Set(Object.keys(event.input));
  if (event.input_s3_path === undefined) return new Set();
  const { body } = await process.store.get(event.input_s3_path);
  return new Set(Object.keys(JSON.parse(Buffer.from(body).toString('utf8'))));
}

function textOf(value: JsonObject[string] | undefined): string {
  return value === undefined ? '' : canonicalJson(value);
}

interface Choosing extends Definitions {
  readonly change: DefinitionChange;
  readonly wish: ForkWish;
}

interface Point {
  readonly envelope: Envelope;
  readonly segment_to_run: SegmentId;
}

/** The last bag behind which nothing that ran was edited. */
function latestPoint(envelopes: readonly Envelope[], { before, after, change, wish }: Choosing): Point {
  const { parent, at } = wish;
  const target = at === undefined ? undefined : segmentHolding(after, at, parent);
  const beginsWith = new Map([...after.segments].map(([id, { flow }]) => [flow.entry, id]));
  let chosen: Point | undefined;
  for (const envelope of envelopes) {
    const { segment_id, segment_to_run: waits, cursor } = envelope.state_data;
    if (segment_id !== null && !change.kept.has(segment_id)) break;
    const entry = waits === null ? undefined : before.segments.get(waits)?.flow.entry;
    const isFirst = envelope.next_action === 'STARTED';
    const next = isFirst ? after.manifest.first_segment : entry && beginsWith.get(entry);
    if (next === undefined || cursor !== null || !(isFirst || envelope.next_action === 'CONTINUE')) continue;
    chosen = { envelope, segment_to_run: next };
    if (next === target) break;
  }
  if (chosen) return chosen;
  throw notForkable(parent, 'no bag of it is left from which a fork could begin: start it again');
}

/** @throws `Run.NotForkable` where the workflow has no such node, or it stands inside of another one */
function segmentHolding(after: CompiledWorkflow, at: string, parent: RunRecord): SegmentId {
  for (const segment of after.segments.values())
    if (everySegmentIn(segment, after).some(({ flow }) => Object.hasOwn(flow.nodes, at)))
      return segment.segment_id;
  throw notForkable(
    parent,
    `the workflow has no node ${JSON.stringify(at)} that stands in a segment of its own`,
  );
}

function historyOf(place: ForkReading, run: RunRecord, { state_data }: Envelope): Promise<HistoryEntry[]> {
  return stillThere(run, () => sessionOf(place, run).hydrator.history(state_data.state_history));
}

function sessionOf({ process, bucket }: ForkReading, { owner_id, execution_id, definition_id }: RunRecord) {
  return openSession(process, { bucket, owner_id, execution_id, definition_id });
}

export function notForkable({ execution_id }: Pick<RunRecord, 'execution_id'>, why: string): StatebagError {
  return new StatebagError('Run.NotForkable', `run ${execution_id} cannot be forked: ${why}`);
}
