import { isJsonObject, type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import { HYDRATOR_LIMITS } from '@statebag/contracts/limits';
import type { KeptState } from '@statebag/contracts/pointers';
import type { ErrorInfo } from '@statebag/contracts/schemas/history';
import type { ReducerName } from '@statebag/contracts/statuses';
import type { SegmentDraft } from '@statebag/state-core/core/plan-result';
import {
  joinLegacyBranches,
  type LegacyState,
  legacyStateOf,
  openLegacyBag,
  readWholeState,
} from '@statebag/state-core/legacy';
import { eachBounded } from '@statebag/state-core/store/each-bounded';
import type { StepTools } from '@statebag/step-kit';
import type { LegacyCall } from './legacy-call.ts';
import type { LegacyDraft } from './legacy-result.ts';
import { resolveSegment } from './resolve-segment.ts';

/** A branch as it ended. */
interface EndedBranch {
  readonly branch_index: number;
  readonly branch_id: string;
  readonly hasFailed: boolean;
  readonly isOptional: boolean;
  readonly error_info: Json;
  readonly state: LegacyState;
  readonly history: readonly Json[];
}

/**
 * The aggregator segment: joins the whole states that the branches of the last group left, in branch order.
 */
export async function joinGroup(call: LegacyCall, base: LegacyState, tools: StepTools): Promise<LegacyDraft> {
  const results = call.members['parallel_results'];
  const reducers = await joinReducers(call, tools);
  const ended = await eachBounded(
    Array.isArray(results) ? results : [],
    HYDRATOR_LIMITS.concurrency,
    (result) => endedBranch(result, call, tools),
  );
  const branches = ended.toSorted((left, right) => left.branch_index - right.branch_index);
  const fatal = branches.find(({ hasFailed, isOptional }) => hasFailed && !isOptional) ?? null;
  const joined = joinLegacyBranches(
    base,
    branches.filter(({ hasFailed }) => !hasFailed).map(({ state }) => state),
    reducers,
  );
  const next = call.place;
  return {
    state: fatal ? base.standing : joined.standing,
    status: fatal ? 'FAILED' : next === null ? 'COMPLETE' : 'CONTINUE',
    error_info: fatal && errorOf(fatal),
    segment_type: 'aggregator',
    // as the branches wrote them
    new_history_logs: branches.flatMap(
      ({ history }) => history,
    ) as unknown as SegmentDraft['new_history_logs'],
    next_segment_to_run: fatal ? null : next,
    branches: null,
    inner_partition_map: null,
    extras: {},
    mapped: null,
  };
}

/**
 * How the group's definition says that it is joined. @throws `Contract.EventRejected` where it was not
 * compiled for the first generation
 */
async function joinReducers(
  call: LegacyCall,
  tools: StepTools,
): Promise<{ readonly [field: string]: ReducerName }> {
  const { join_reducers: given, segment_id } = call.members;
  // an aggregator's own config; an unknown name fails where it is used
  if (isJsonObject(given)) return given as { readonly [field: string]: ReducerName };
  const group = typeof segment_id === 'string' || typeof segment_id === 'number' ? segment_id : null;
  const { segment } = await resolveSegment(call, group, tools);
  if (segment.join_reducers) return segment.join_reducers;
  throw new StatebagError(
    'Contract.EventRejected',
    `segment ${segment.segment_id} was not compiled for the first generation: its definition does not say how its branches are joined`,
  );
}

async function endedBranch(result: Json, { members }: LegacyCall, tools: StepTools): Promise<EndedBranch> {
  if (!isJsonObject(result))
    throw new StatebagError('Contract.EventRejected', 'an entry of parallel_results is not an object');
  const bag = await bagOf(result, tools);
  const branch_index = Number(result['branch_index'] ?? bag['branch_index'] ?? 0);
  const status = result['status'] ?? bag['status'];
  const history = bag['state_history'] ?? bag['new_history_logs'];
  return {
    branch_index,
    branch_id: String(result['branch_id'] ?? bag['branch_id'] ?? `branch-${branch_index}`),
    hasFailed: status === 'FAILED' || status === 'LOOP_LIMIT_EXCEEDED',
    isOptional: isOptional(members, branch_index),
    error_info: bag['error_info'] ?? null,
    state: await readWholeState(finalState(bag), tools.session.hydrator),
    history: Array.isArray(history) ? history : [],
  };
}

/** A branch leaves its bag behind a pointer, or its result as it is. */
async function bagOf(result: JsonObject, { session }: StepTools): Promise<JsonObject> {
  const { s3_path, sha256 } = result;
  if (typeof s3_path !== 'string') return openLegacyBag(result);
  const bag = await session.hydrator.object({ s3_path, ...(typeof sha256 === 'string' && { sha256 }) });
  if (isJsonObject(bag)) return openLegacyBag(bag);
  throw new StatebagError('Store.ObjectCorrupt', `${s3_path} is not the bag of a branch`);
}

function finalState({
  final_state,
  current_state,
  final_state_s3_path,
  state_s3_path,
}: JsonObject): KeptState {
  const state = final_state ?? current_state ?? null;
  const path = final_state_s3_path ?? state_s3_path ?? null;
  if (state === null && path === null)
    throw new StatebagError('Contract.EventRejected', 'a branch left no state');
  return legacyStateOf({ current_state: state, state_s3_path: path });
}

function isOptional({ branches }: JsonObject, index: number): boolean {
  const branch = Array.isArray(branches)
    ? branches.find((each) => isJsonObject(each) && each['branch_index'] === index)
    : undefined;
  return isJsonObject(branch) && branch['optional'] === true;
}

function errorOf({ error_info, branch_id }: EndedBranch): ErrorInfo {
  const { error, message } = isJsonObject(error_info) ? error_info : {};
  return {
    error: typeof error === 'string' ? error : 'Node.Failed',
    message: typeof message === 'string' ? message : `branch ${branch_id} failed and gives no reason`,
    node_id: null,
  };
}
