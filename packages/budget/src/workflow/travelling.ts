import { BUDGET } from '@statebag/contracts/limits';
import { byteSizeOf } from '@statebag/state-core';
import { FAILURE_BYTES } from './bag-bound.ts';
import { type BagFrame, HASH, NOW, textOfLength } from './bag-frame.ts';
import {
  answerBytes,
  branchesBytes,
  lastAnswerBytes,
  mapBytes,
  mapListsBytes,
  requestBytes,
} from './beside-bag.ts';
import type { Bounds } from './bounds.ts';
import { historyBytes } from './history-bound.ts';
import type { NameLengths } from './names.ts';
import type { Point } from './points.ts';
import { segmentsBefore, segmentsOfBranches } from './segments-before.ts';

type Size = (point: Point) => number;
type SizeIfAny = (point: Point) => number | null;

/** What travels at a point of a run: the bag, and what stands beside it there. */
export interface Travelling {
  readonly bag: Size;
  /** A bag as a function gives it, with all that the state machine arranges at this point. */
  readonly envelope: Size;
  readonly transition: Size;
  readonly result: Size;
  readonly payload: Size;
  readonly callback: SizeIfAny;
  readonly mapOutput: SizeIfAny;
  readonly asyncPayload: SizeIfAny;
}

export function travellingOf(bounds: Bounds, historyEntries: number): Travelling {
  const { compiled, points } = bounds;
  const { frame } = points.keeping;
  const { machine_arn, call_metadata } = frame.names;
  const around = aroundState(bounds, historyEntries);
  const inBranch = segmentsOfBranches(compiled);
  const isOfBranch = ({ segment }: Point) => inBranch.has(segment.segment_id);
  const left = named('branch_pointer', frame.branchPointer);
  const { requestAt, answerAt, mapAt, branchesAt } = arrangedAt(bounds);

  const firstState = firstStateAt(bounds);
  const bag: Size = (point) => point.inline + around(point) + (isOfBranch(point) ? left : 0);
  const envelope: Size = (point) =>
    bag(point) +
    ENVELOPE +
    machine_arn +
    (isOfBranch(point) ? left : 0) +
    firstState(point) +
    named('request', requestAt(point)) +
    named('branches', branchesAt(point) && branchesBytes(point, frame));
  const asked: Size = (point) => requestAt(point) + tokenEvent(point, frame);
  const pointers: Size = (point) => branchesAt(point) * (frame.branchPointer + 1);
  return {
    bag,
    envelope,
    transition: (point) => envelope(point) + (mapAt(point)?.worker ?? 0),
    result: (point) =>
      Math.max(call_metadata + Math.max(envelope(point), mapAt(point)?.plan ?? 0), answerAt(point) ?? 0),
    payload: (point) => {
      const map = mapAt(point);
      const answer = answerAt(point);
      const beside = [
        isGivenOn(point) ? TURN_FRAME + (isOfBranch(point) ? named('branch', frame.branch) : 0) : 0,
        point.kind === 'left' ? FAILED_FRAME : 0,
        answer === null ? 0 : ANSWER_FRAME + answer,
        branchesAt(point) && GROUP_FRAME + pointers(point) + branchesBytes(point, frame),
        map ? MAP_FRAME + requestAt(point) + Math.max(map.plan + map.left, map.worker) : 0,
      ];
      const most = Math.max(...beside);
      const waits = answer !== null && point.node.type === 'human_approval';
      return Math.max(most === 0 ? 0 : bag(point) + machine_arn + most, waits ? asked(point) : 0);
    },
    callback: (point) => {
      const answer = answerAt(point);
      return answer === null ? null : envelope(point) + named('callback_result', answer);
    },
    mapOutput: (point) => {
      if (branchesAt(point) > 0) return envelope(point) + named('branch_pointers', pointers(point) + 1);
      const map = mapAt(point);
      return map && envelope(point) + named('snapshot_s3_path', frame.address) + MAP + map.plan + map.left;
    },
    asyncPayload: (point) =>
      answerAt(point) !== null && point.node.type === 'llm_chat' ? asked(point) : null,
  };
}

/** Where the first segment ends, the state that the run began with stands beside the bag. */
function firstStateAt({ compiled, points: { first, keeping } }: Bounds): Size {
  const began = FIRST_STATE + first.inline + keeping.frame.address;
  return ({ kind, segment }) => {
    const isFirst = segment.segment_id === compiled.manifest.first_segment;
    return isFirst && (kind === 'ends' || kind === 'left') ? named('first_state', began) : 0;
  };
}

/** Whether a function is given this very bag next: else the next segment begins with it. */
const isGivenOn = ({ kind, node }: Point): boolean =>
  kind === 'begins' ||
  kind === 'left' ||
  node.type === 'wait' ||
  (node.type === 'for_each' && node.hands_over === true);

/** What the state machine arranges at a point where a segment hands over. */
function arrangedAt({ seen, points }: Bounds) {
  const { frame } = points.keeping;
  const arranges = ({ kind, node }: Point) => kind === 'ends' && node.hands_over;
  const sightAt = ({ node }: Point) => seen.get(node.id);
  return {
    requestAt: (point: Point) =>
      arranges(point) ? requestBytes(point.node, sightAt(point)?.asked, point.segment) : 0,
    answerAt: (point: Point) => (arranges(point) ? answerBytes(point, sightAt(point)?.answer, frame) : null),
    mapAt: (point: Point) => (arranges(point) ? mapBytes(point.node, sightAt(point)?.items, frame) : null),
    branchesAt: ({ segment, ...point }: Point) =>
      arranges({ segment, ...point }) ? (segment.branches[point.node.id]?.length ?? 0) : 0,
  };
}

/** A member with its name, if there is one. */
const named = (name: string, bytes: number): number => (bytes === 0 ? 0 : name.length + 4 + bytes);

const ENVELOPE = byteSizeOf({ state_data: 0, next_action: 'PARALLEL_GROUP', machine_arn: '' });
const FIRST_STATE = byteSizeOf({ current_state: 0, state_s3_path: null });
/** Events of functions, with nothing in them. */
const EVENT = { action: '', state_data: 0, now: NOW, machine_arn: '' };
const TURN_FRAME = byteSizeOf({
  ...EVENT,
  action: 'create_snapshot',
  snapshot_type: 'post',
  retry_count: 99,
});
/** A function that failed for good: its error is a result, each character of which may be written with two. */
const FAILED_FRAME =
  byteSizeOf({ ...EVENT, retry_count: 99, execution_result: 0 }) + 2 * BUDGET.cause + 2_048;
const ANSWER_FRAME = byteSizeOf({ ...EVENT, action: 'merge_callback', callback_result: 0 });
const GROUP_FRAME = byteSizeOf({ ...EVENT, action: 'aggregate_branches', branches: [], group: [] });
const MAP = byteSizeOf({ map: { plan: 0, results: [] } });
const MAP_FRAME = byteSizeOf({ ...EVENT, request: 0 }) + MAP;

/** What the first function is given besides the event that begins the run. */
export const firstFrame = ({ machine_arn }: NameLengths): number =>
  byteSizeOf({ action: 'init', start: 0, now: NOW, retry_count: 99, machine_arn: '' }) + machine_arn;

/** What tells a worker or a person's desk whose question it is. */
function tokenEvent({ segment, node }: Point, { names, branchPath }: BagFrame): number {
  const isPerson = node.type === 'human_approval';
  return byteSizeOf({
    schema_version: 3,
    execution_id: textOfLength(names.execution_id),
    owner_id: textOfLength(names.owner_id),
    workflow_id: textOfLength(names.workflow_id),
    definition_id: HASH,
    branch_path: textOfLength(branchPath),
    segment_id: segment.segment_id,
    loop_counter: 999_999,
    resume_count: 999,
    request: 0,
    task_token: textOfLength(names.task_token),
    now: NOW,
    ...(isPerson && { execution_arn: textOfLength(names.machine_arn + EXECUTION_NAME) }),
  });
}

const EXECUTION_NAME = 90;

/** What a bag has besides its state and what a branch has left: it grows as the run goes on. */
function aroundState({ compiled, seen, points, historyOf }: Bounds, historyEntries: number): Size {
  const { frame, leaves, indexed } = points.keeping;
  const segments = [...compiled.segments.values()];
  const groups = segments.flatMap(({ branches }) => Object.values(branches));
  const pending = groups.map((each) =>
    byteSizeOf(each.map(({ branch_id, branch_index }) => ({ branch_id, branch_index }))),
  );
  const mayFail =
    groups.flat().some(({ optional }) => optional) ||
    [...seen.values()].some(({ node }) => node.config['tolerated_failure_percentage'] !== undefined);
  const always =
    frame.control +
    (leaves && indexed ? frame.address : 0) +
    named('current_state', 1) +
    (groups.length > 0 ? named('pending_branches', Math.min(Math.max(...pending), LONGEST_LIST)) : 0) +
    (mayFail ? FAILURE_BYTES : 0);
  const before = segmentsBefore(compiled);
  const handed = points.points.filter(({ kind, node }) => kind === 'ends' && node.hands_over);
  const soFar = ({ kind, segment: { segment_id } }: Pick<Point, 'kind' | 'segment'>): number => {
    const gone = before.get(segment_id) ?? new Set<string>();
    const withOwn = new Set([...gone, segment_id]);
    const done = kind === 'answered' ? withOwn : gone;
    const past = handed.filter(({ segment }) => done.has(segment.segment_id));
    const maps = past.flatMap(({ node }) => mapBytes(node, seen.get(node.id)?.items, frame) ?? []);
    const people = past.flatMap(({ node }) => seen.get(node.id) ?? []);
    const told = Math.min(historyEntries, sumOver(kind === 'begins' ? gone : withOwn, historyOf));
    const history = named('state_history', historyBytes(told, frame));
    return history + mapListsBytes(maps, frame) + lastAnswerBytes(people);
  };
  const known = new Map<string, number>();
  return (point) => {
    const key = `${point.kind} ${point.segment.segment_id}`;
    const bytes = known.get(key) ?? soFar(point);
    known.set(key, bytes);
    return always + bytes;
  };
}

const sumOver = (ids: ReadonlySet<string>, each: ReadonlyMap<string, number>): number =>
  [...ids].reduce((sum, id) => sum + (each.get(id) ?? 0), 0);

const LONGEST_LIST = 12_288;
