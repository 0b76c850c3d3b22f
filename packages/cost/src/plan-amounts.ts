import type { SegmentId } from '@statebag/contracts/ids';
import {
  type CompiledNode,
  type CompiledWorkflow,
  LIST_PRICES,
  type PriceList,
  type SegmentDefinition,
  waysFrom,
} from '@statebag/workflow';
import { type Amounts, NOTHING, sum, times } from './amounts.ts';
import { ASSUMED, FUNCTION_GB, type Mode, RUN_RECORD } from './assumptions.ts';
import { amountsOfNode, chosen, type Estimating, iterationsOf } from './node-amounts.ts';

/** StartOrContinue, NotifyWorkflowStarted and the end. */
const AROUND_A_RUN = 3;
/**
 * ExecuteSegment, or InitializeStateBag with the first segment, which is a call, and EvaluateNextAction, which
 * is a choice.
 */
const A_SEGMENT = { transitions: 2, lambda_requests: 1 };
/** The Map itself, its join, and the choice after it. */
const A_GROUP = { transitions: 3, lambda_requests: 1 };
/**
 * A branch ends with BranchDone, or goes on as an execution of its own with two states around its segments.
 */
const A_BRANCH = { least: 1, usual: 1, most: 4 };

/** What a run takes, as far as its plan alone can tell. */
export function amountsOfPlan(
  { manifest, segments }: CompiledWorkflow,
  mode: Mode,
  prices: PriceList = LIST_PRICES,
): Amounts {
  const turns = loopTurns(segments, mode);
  const enter = memo((id) => {
    const segment = segments.get(id as SegmentId);
    if (!segment) return NOTHING;
    return sum([
      times(aroundSegment(segment, mode), Math.max(...nodesOf(segment).map(turns))),
      waysOf(segment, { mode, prices, turns, enter }),
    ]);
  });
  const begin = {
    ...NOTHING,
    ...RUN_RECORD,
    transitions: AROUND_A_RUN,
    s3_gets: 1,
    s3_puts: ASSUMED[mode].inputFields,
  };
  return sum([begin, enter(manifest.first_segment)]);
}

interface Walk extends Estimating {
  readonly turns: (node: CompiledNode) => number;
  readonly enter: (segment: string) => Amounts;
}

function waysOf(segment: SegmentDefinition, { mode, prices, turns, enter }: Walk): Amounts {
  const from = memo((id) => {
    const node = segment.flow.nodes[id];
    if (!node) {
      const next = segment.exits[id];
      return next === undefined ? NOTHING : enter(next);
    }
    const branches = segment.branches[id] ?? [];
    const group =
      branches.length > 0
        ? [{ ...NOTHING, ...A_GROUP }, invocations(1, mode), times(oneBranch(mode), branches.length)]
        : [];
    return sum([
      times(sum([amountsOfNode(node, { mode, prices }), ...group]), turns(node)),
      ...branches.map(({ first_segment }) => enter(first_segment)), // with the loops around the group
      chosen(waysFrom(segment.flow, node).map(from), mode),
    ]);
  });
  return from(segment.flow.entry);
}

function oneBranch(mode: Mode): Amounts {
  return { ...NOTHING, transitions: A_BRANCH[mode] };
}

/**
 * Calls, states and objects of one passage, besides what its nodes do. Its definition is cached in a warm
 * process.
 */
function aroundSegment({ reads, writes }: SegmentDefinition, mode: Mode): Amounts {
  const stored = {
    least: { s3_gets: 0, s3_puts: 0 },
    usual: { s3_gets: 1, s3_puts: 0 },
    most: { s3_gets: 1 + (reads?.length ?? ASSUMED.most.inputFields), s3_puts: 2 + writes.length },
  }[mode];
  return sum([{ ...NOTHING, ...A_SEGMENT, ...stored }, invocations(1, mode)]);
}

function invocations(count: number, mode: Mode): Amounts {
  return { ...NOTHING, lambda_gb_seconds: (count * ASSUMED[mode].invocationMs * FUNCTION_GB) / 1_000 };
}

/** How often a node runs because of the loops around it. */
function loopTurns(segments: CompiledWorkflow['segments'], mode: Mode): (node: CompiledNode) => number {
  const all = [...segments.values()].flatMap(nodesOf);
  const iterations = new Map(
    all
      .filter(({ begins_again_at }) => begins_again_at !== undefined)
      .map((node) => [node.id, iterationsOf(node, mode)]),
  );
  return ({ id, loops = [] }) =>
    [...loops, id].reduce((product, loop) => product * (iterations.get(loop) ?? 1), 1);
}

function nodesOf({ flow }: SegmentDefinition): readonly CompiledNode[] {
  return Object.values(flow.nodes);
}

function memo(compute: (id: string) => Amounts): (id: string) => Amounts {
  const known = new Map<string, Amounts>();
  return (id) => {
    const amounts = known.get(id) ?? compute(id);
    known.set(id, amounts);
    return amounts;
  };
}
