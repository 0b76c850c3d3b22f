import { byteSizeOf } from '@statebag/state-core';
import type { CompiledWorkflow, SegmentDefinition } from '@statebag/workflow';
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
  const { compiled, seen, points } = bounds;
  const { frame } = points.keeping;
  const { machine_arn, call_metadata } = frame.names;
  const around = aroundState(bounds, historyEntries);
  const inBranch = segmentsOfBranches(compiled);
  const isOfBranch = ({ segment }: Point) => inBranch.has(segment.segment_id);
  const left = named('branch_pointer', frame.branchPointer);
  const mapAt = ({ node }: Point) => mapBytes(node, seen.get(node.id)?.items, frame);
  const requestAt = ({ node, segment }: Point) =>
    node.hands_over ? requestBytes(node, seen.get(node.id)?.asked, segment) : 0;
  const answerAt = (point: Point) => answerBytes(point, seen.get(point.node.id)?.answer, frame);

  const bag: Size = (point) => point.inline + around + (isOfBranch(point) ? left : 0);
  const envelope: Size = (point) =>
    bag(point) +
    ENVELOPE +
    machine_arn +
    (isOfBranch(point) ? left : 0) +
    named('request', requestAt(point)) +
    named('branches', branchesBytes(point, frame));
  const mapOutput: SizeIfAny = (point) => {
    const branches = point.segment.branches[point.node.id];
    if (branches)
      return envelope(point) + named('branch_pointers', branches.length * (frame.branchPointer + 1) + 1);
    const map = mapAt(point);
    return map && envelope(point) + named('snapshot_s3_path', frame.address) + MAP + map.plan + map.left;
  };
  const callback: SizeIfAny = (point) => {
    const answer = answerAt(point);
    return answer === null ? null : envelope(point) + named('callback_result', answer);
  };
  const asked: Size = (point) => requestAt(point) + tokenEvent(point, frame);
  return {
    bag,
    envelope,
    transition: (point) => envelope(point) + (mapAt(point)?.worker ?? 0),
    result: (point) =>
      Math.max(call_metadata + Math.max(envelope(point), mapAt(point)?.plan ?? 0), answerAt(point) ?? 0),
    payload: (point) => {
      const map = mapAt(point);
      const branches = point.segment.branches[point.node.id]?.length ?? 0;
      const waits = point.node.hands_over && point.node.type === 'human_approval';
      const beside = [
        TURN_FRAME + (isOfBranch(point) ? named('branch', frame.branch) : 0),
        ANSWER_FRAME + (answerAt(point) ?? 0),
        branches && GROUP_FRAME + branches * (frame.branchPointer + 1) + branchesBytes(point, frame),
        map ? MAP_FRAME + requestAt(point) + Math.max(map.plan + map.left, map.worker) : 0,
      ];
      return Math.max(bag(point) + machine_arn + Math.max(...beside), waits ? asked(point) : 0);
    },
    callback,
    mapOutput,
    asyncPayload: (point) => (point.node.hands_over && point.node.type === 'llm_chat' ? asked(point) : null),
  };
}

/** A member with its name, if there is one. */
const named = (name: string, bytes: number): number => (bytes === 0 ? 0 : name.length + 4 + bytes);

const ENVELOPE = byteSizeOf({ state_data: 0, next_action: 'PARALLEL_GROUP', machine_arn: '' });
/** Events of functions, with nothing in them. */
const EVENT = { action: '', state_data: 0, now: NOW, machine_arn: '' };
const TURN_FRAME = byteSizeOf({
  ...EVENT,
  action: 'create_snapshot',
  snapshot_type: 'post',
  retry_count: 99,
});
const ANSWER_FRAME = byteSizeOf({ ...EVENT, action: 'merge_callback', callback_result: 0 });
const GROUP_FRAME = byteSizeOf({ ...EVENT, action: 'aggregate_branches', branches: [], group: [] });
const MAP = byteSizeOf({ map: { plan: 0, results: [] } });
const MAP_FRAME = byteSizeOf({ ...EVENT, request: 0 }) + MAP;

/** What the first function is given besides the event that begins the run. */
export const firstFrame = ({ machine_arn }: NameLengths): number =>
  byteSizeOf({ action: 'init', start: 0, now: NOW, machine_arn: '' }) + machine_arn;

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

/** What a bag has besides its state and what a branch has left. */
function aroundState({ compiled, seen, points }: Bounds, historyEntries: number): number {
  const { frame, leaves, indexed } = points.keeping;
  const segments = [...compiled.segments.values()];
  const groups = segments.flatMap(({ branches }) => Object.values(branches));
  const pending = groups.map((each) =>
    byteSizeOf(each.map(({ branch_id, branch_index }) => ({ branch_id, branch_index }))),
  );
  const maps = points.points.flatMap(({ node }) => mapBytes(node, seen.get(node.id)?.items, frame) ?? []);
  const mayFail =
    groups.flat().some(({ optional }) => optional) ||
    [...seen.values()].some(({ node }) => node.config['tolerated_failure_percentage'] !== undefined);
  return (
    frame.control +
    (leaves && indexed ? frame.address : 0) +
    named('state_history', historyBytes(historyEntries, frame)) +
    named('current_state', 1) +
    (groups.length > 0 ? named('pending_branches', Math.min(Math.max(...pending), LONGEST_LIST)) : 0) +
    mapListsBytes(maps, frame) +
    lastAnswerBytes(seen.values()) +
    (mayFail ? FAILURE_BYTES : 0)
  );
}

const LONGEST_LIST = 12_288;

/** Segments that are run for a branch of a group, whose bag says what the branch has left. */
function segmentsOfBranches({ segments }: CompiledWorkflow): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (id: SegmentDefinition['segment_id']) => {
    const segment = segments.get(id);
    if (!segment || found.has(id)) return;
    found.add(id);
    for (const next of Object.values(segment.exits)) add(next);
    for (const { first_segment } of Object.values(segment.branches).flat()) add(first_segment);
  };
  for (const { branches } of segments.values())
    for (const { first_segment } of Object.values(branches).flat()) add(first_segment);
  return found;
}
