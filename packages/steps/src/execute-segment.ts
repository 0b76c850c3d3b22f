import { type JsonObject, StatebagError } from '@statebag/contracts';
import type { ExecutionId } from '@statebag/contracts/ids';
import { wholeStatePointer } from '@statebag/contracts/pointers';
import type { ExecuteSegmentEvent } from '@statebag/contracts/schemas/events';
import type { SpendLimit } from '@statebag/contracts/schemas/model-call';
import type { MapRequest } from '@statebag/contracts/schemas/pause-request';
import type { SegmentResult } from '@statebag/contracts/schemas/segment-result';
import { validateExecuteSegmentEvent } from '@statebag/contracts/validators';
import { planResult, type SegmentDraft } from '@statebag/state-core/core/plan-result';
import type { StoreCounts } from '@statebag/state-core/store/counted-store';
import { loadSegment } from '@statebag/state-core/store/load-definition';
import type { ObjectStreams } from '@statebag/state-core/store/object-streams';
import { storeAll } from '@statebag/state-core/store/store-all';
import { plainStep, type Step, type StepFacts, type StepTools } from '@statebag/step-kit';
import {
  type CallResult,
  createLedger,
  fieldsToHydrate,
  isSegmentDefinition,
  type MetCall,
  ownersFiles,
  runSegment,
  type SegmentDefinition,
  type SegmentInvocation,
} from '@statebag/workflow';

/**
 * Asked before an outside call that is not recorded. @throws `Run.Cancelled` where the run must make none any
 * more
 */
export type MayCall = (execution_id: ExecutionId) => Promise<void>;

/** The ways to the outside that a deployment gives its nodes. */
export interface Outside
  extends Pick<
    SegmentInvocation,
    | 'providers'
    | 'http'
    | 'invoke'
    | 'nodes'
    | 'secret'
    | 'openFile'
    | 'showsValues'
    | 'pause'
    | 'leavesAt'
    | 'book'
    | 'prices'
  > {
  /** What all runs of one owner may spend on one day. */
  readonly ownersDay?: SpendLimit;
  readonly mayCall?: MayCall;
  /** The same for long evaluations, where it is another one. */
  readonly mayGoOn?: MayCall;
  /** How files of the owner are read where `openFile` does not say it; without both no node takes any. */
  readonly streams?: (counts: StoreCounts) => ObjectStreams;
  /** Told of each call before it is looked up in the ledger. */
  readonly onCall?: (call: MetCall) => void;
  /** What stands in the place of a call that is not recorded. */
  readonly instead?: (call: MetCall) => Promise<CallResult>;
  /** The draft of a segment with the times of an invocation that is repeated. */
  readonly asRecorded?: (draft: SegmentDraft) => Promise<SegmentDraft>;
  /** Milliseconds since 1970; the machine's own clock if not given. */
  readonly clock?: () => number;
}

/** Runs one segment: its definition, the fields it reads, its nodes, and what they changed. */
export function executeSegment(outside: Outside): Step<SegmentResult> {
  return plainStep<ExecuteSegmentEvent, SegmentResult>({
    event: validateExecuteSegmentEvent,
    facts: (event) => placeFacts(null, event),
    async run(event, invocation) {
      const { owner_id, execution_id, definition_id, now } = event;
      return segmentResult(event, invocation.open({ owner_id, execution_id, definition_id, now }), outside);
    },
  });
}

/** The result of a segment, with everything stored that it points to. */
export async function segmentResult(
  event: ExecuteSegmentEvent,
  tools: StepTools,
  outside: Outside,
): Promise<SegmentResult> {
  const draft = await segmentDraft(event, tools, outside);
  const thresholds = besideIndex(event, tools.plan);
  const { result, writes } = planResult(draft, { ...tools.plan, thresholds });
  await storeAll(writes, tools.session);
  return result;
}

/** What the nodes of a segment left, nothing of it stored yet. */
export async function segmentDraft(
  event: ExecuteSegmentEvent,
  tools: StepTools,
  outside: Outside,
): Promise<SegmentDraft> {
  const segment = await segmentOf(event, tools);
  const reads = fieldsToHydrate(segment, event.cursor);
  const state = await tools.session.hydrator.workingFields(event, reads);
  return draftOf({ segment, state, run: event }, tools, outside);
}

/**
 * Behind an index every value that a result brings travels in each bag that follows, until the index is
 * written anew: it leaves unless it is hardly larger than its pointer.
 */
function besideIndex(
  event: ExecuteSegmentEvent,
  { thresholds }: StepTools['plan'],
): StepTools['plan']['thresholds'] {
  if (wholeStatePointer(event) === null) return thresholds;
  return { ...thresholds, field: Math.min(thresholds.field, thresholds.indexFrom / 2) };
}

/** Ids of an event about one segment, for the log line. */
export function placeFacts(
  action: string | null,
  place: Pick<ExecuteSegmentEvent, 'execution_id' | 'segment_id' | 'branch_path' | 'loop_counter'>,
): StepFacts {
  const { execution_id, segment_id, branch_path, loop_counter } = place;
  return { execution_id, action, segment_id, branch_path, loop_counter };
}

/** A segment, what of the state it reads, and the place in the run. */
interface SegmentWork {
  readonly segment: SegmentDefinition;
  readonly state: JsonObject;
  readonly run: SegmentInvocation['run'];
}

/** Runs the nodes within the function's deadline. Calls are counted whatever becomes of them. */
export async function draftOf(work: SegmentWork, tools: StepTools, outside: Outside): Promise<SegmentDraft> {
  const {
    mayCall,
    mayGoOn,
    streams,
    onCall,
    instead,
    asRecorded,
    clock = Date.now,
    ownersDay,
    ...ways
  } = outside;
  const ledger = ledgerOf(work.run, tools, { mayCall, onCall, instead });
  const deadline = clock() + tools.deadline.remainingMs();
  try {
    const own = ownWays(tools, { streams, mayGoOn, ownersDay });
    const draft = await runSegment({ ...work, ...own, ...ways, deadline, clock, ledger });
    tools.tally.llm = draft.usage;
    return asRecorded ? await asRecorded(draft) : draft;
  } finally {
    tools.tally.ledger = ledger.counts();
  }
}

/** What is of this run: its owner with the owner's uploads and day, and whether it was cancelled. */
export function ownWays(
  { session, plan: { location } }: StepTools,
  {
    streams,
    mayGoOn,
    ownersDay,
  }: { readonly [Way in 'streams' | 'mayGoOn' | 'ownersDay']?: Outside[Way] | undefined },
): Pick<SegmentInvocation, 'openFile' | 'mayGoOn' | 'owner'> {
  return {
    owner: { owner_id: location.owner_id, limit: ownersDay },
    ...(streams && { openFile: ownersFiles(streams(session.counts), location) }),
    ...(mayGoOn && { mayGoOn: () => mayGoOn(location.execution_id) }),
  };
}

type LedgerWays = { readonly [Way in 'mayCall' | 'onCall' | 'instead']?: Outside[Way] | undefined };

/** The ledger of one branch of the run. */
export function ledgerOf(
  { branch_path, now }: Pick<ExecuteSegmentEvent, 'branch_path' | 'now'>,
  { session, plan: { location, thresholds } }: StepTools,
  { mayCall, onCall, instead }: LedgerWays = {},
) {
  return createLedger(session.store, {
    location,
    branch_path,
    now,
    thresholds,
    read: (pointer) => session.hydrator.pointed(pointer),
    ...(mayCall && { mayCall: () => mayCall(location.execution_id) }),
    ...(onCall && { onCall }),
    ...(instead && { instead }),
  });
}

type SegmentAddress = Pick<ExecuteSegmentEvent, 'owner_id' | 'definition_id' | 'segment_id'>;

/** The segment of the run's definition. @throws `Definition.SegmentUnknown` */
export async function segmentOf(
  { owner_id, definition_id, segment_id }: SegmentAddress,
  { session, plan }: StepTools,
): Promise<SegmentDefinition> {
  const definition = { bucket: plan.location.bucket, owner_id, definition_id };
  const segment = await loadSegment(definition, segment_id, session);
  if (isSegmentDefinition(segment)) return segment;
  throw new StatebagError(
    'Definition.SegmentUnknown',
    `segment ${segment_id} of definition ${definition_id} was written by a compiler this runner does not know`,
  );
}

/**
 * The segment that a map stands in: of the run's definition, or what a first-generation run brought along.
 * @throws `Definition.SegmentUnknown`
 */
export async function segmentOfMap(
  event: SegmentAddress & { readonly request: MapRequest },
  tools: StepTools,
): Promise<SegmentDefinition> {
  const { segment: pointer } = event.request;
  if (!pointer) return segmentOf(event, tools);
  const segment = await tools.session.hydrator.pointed(pointer);
  if (isSegmentDefinition(segment)) return segment;
  throw new StatebagError(
    'Definition.SegmentUnknown',
    `${pointer.s3_path} is no segment that this runner knows`,
  );
}
