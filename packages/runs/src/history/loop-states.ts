/** States whose output is a newly sealed bag, whatever they did. */
const BAG_WRITERS: ReadonlySet<string> = new Set([
  'InitializeStateBag',
  'SyncStateData',
  'AggregateParallelResults',
  'MergeCallbackResult',
  'MergeAsyncResult',
  'RunDistributedMap',
  // The same of a first-generation machine, whose bags stand as bare as ever under `state_data`.
  'InitializeStateData',
  'LoadLatestState',
  'UpdateStateData',
  'ReturnExistingResult',
]);

/** States that run a segment; what enters them says which. */
export const SEGMENT_RUNNERS: ReadonlySet<string> = new Set(['ExecuteSegment', 'ExecuteBranchSegment']);

/**
 * True for a state that left a newly sealed bag. The state that runs a segment leaves one where it merged the
 * result too; where it failed, or left the result to be merged, the bag in its output is the one it was
 * given.
 */
export function leavesSealedBag(state: string, output: string | undefined): boolean {
  return BAG_WRITERS.has(state) || (state === 'ExecuteSegment' && hasMerged(output));
}

/**
 * The state that a run begins with. It runs the first segment too, unless a try before failed, or its machine
 * is an earlier version.
 */
export const BEGINNING = 'InitializeStateBag';

/** True for the output of that state where it ran the first segment, whatever became of it. */
export function hasRunFirst(output: string | undefined): boolean {
  const data = dataIn(output);
  return 'first_state' in data || 'execution_result' in data;
}

/** True for the output of a state that ran a segment and merged its result. */
export function hasMerged(output: string | undefined): boolean {
  const data = dataIn(output);
  return (
    'next_action' in data && 'state_data' in data && !('execution_result' in data) && !('error_info' in data)
  );
}

function dataIn(output = 'null'): object {
  const data: unknown = /^\s*\{/.test(output) ? JSON.parse(output) : null;
  return typeof data === 'object' && data !== null ? data : {};
}
