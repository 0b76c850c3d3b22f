import { THRESHOLDS } from '@statebag/contracts/limits';
import type { CompiledNode, CompiledWorkflow, SegmentDefinition } from '@statebag/workflow';
import { progressFieldOf, scopedField, waysFrom } from '@statebag/workflow/analysis';
import { nameBytes } from '../shape/shape.ts';
import { fieldSizes, inlineBytes, type Keeping, mayBeIndexed, stateBytes } from './bag-bound.ts';
import type { BagFrame } from './bag-frame.ts';
import { type Fields, fieldAt, withField } from './fields.ts';
import type { Sight, Walk } from './sight.ts';

/**
 * A place of a run at which a bag travels. `begins`: before a segment. `ends`: where one ends, at a node that
 * leaves the rest to the state machine or behind the last one. `answered`: behind what the machine arranged.
 * `left`: where one is left half way for want of time.
 */
export interface Point {
  readonly kind: 'begins' | 'ends' | 'answered' | 'left';
  readonly segment: SegmentDefinition;
  readonly node: CompiledNode;
  readonly fields: Fields;
  /** What of the state is in the bag. */
  readonly inline: number;
}

/** The state as the first bag has it, and behind every node at which a segment may end. */
export interface Points {
  readonly keeping: Keeping;
  readonly first: { readonly fields: Fields; readonly inline: number };
  readonly points: readonly Point[];
  /** What unfinished loops and lists keep beside the fields. */
  readonly progress: number;
}

export function pointsOf(
  { segments }: CompiledWorkflow,
  { seen, begin, frame }: { readonly seen: Walk['seen']; readonly begin: Fields; readonly frame: BagFrame },
): Points {
  const sights = [...segments.values()].flatMap((segment) =>
    Object.values(segment.flow.nodes).flatMap((node) => {
      const sight = seen.get(node.id);
      return sight ? [{ segment, node, sight }] : [];
    }),
  );
  const all = [begin, ...sights.flatMap(({ sight }) => [sight.before, sight.after])];
  const keeping = {
    frame,
    leaves: all.some((fields) => stateBytes(fields) > THRESHOLDS.inlineState),
    indexed: all.some((fields) => mayBeIndexed(fields, frame)),
    standing: new Set(sights.flatMap(({ node }) => standingFields(node))),
  };
  const progress = progressBytes(sights);
  const points = sights.flatMap((seenThere) =>
    placesOf(seenThere).map(({ kind, states }): Point => {
      const most = Math.max(...states.map((each) => inlineBytes(each, keeping)));
      const { segment, node, sight } = seenThere;
      const fields = kind === 'begins' ? sight.before : sight.after;
      return { kind, segment, node, fields, inline: withProgress(most, progress, keeping) };
    }),
  );
  return { keeping, first: { fields: begin, inline: inlineBytes(begin, keeping) }, points, progress };
}

interface PlaceAt {
  readonly kind: Point['kind'];
  readonly states: readonly Fields[];
}

function placesOf({ segment: { flow }, node, sight }: Seen): readonly PlaceAt[] {
  // an open loop decides behind each of its turns
  const isOpen = node.begins_again_at !== undefined;
  const before = isOpen ? statesAt(sight) : [sight.before];
  const ways = waysFrom(flow, node);
  const mayEnd = ways.length === 0 || ways.some((to) => !Object.hasOwn(flow.nodes, to));
  const places: PlaceAt[] = [{ kind: 'left', states: statesAt(sight) }];
  if (node.id === flow.entry) places.push({ kind: 'begins', states: before });
  if (node.hands_over)
    places.push({ kind: 'ends', states: before }, { kind: 'answered', states: [sight.after] });
  else if (mayEnd || isOpen) places.push({ kind: 'ends', states: statesAt(sight) });
  return places;
}

/** Before a node, behind it, and where it is left half way: an unfinished list keeps what it has so far. */
export function statesAt({ node, before, after }: Sight): readonly Fields[] {
  const { id, type, output_key, use } = node;
  if (type !== 'for_each' || output_key === null) return [before, after];
  const list = fieldAt(after, scopedField(use?.writes ?? '', output_key));
  return [before, after, withField(before, progressFieldOf(id), list)];
}

/** Fields that are combined stand as values, and so do answers to what a run waits for. */
function standingFields({ reducers, hands_over, output_key, id, use }: CompiledNode): readonly string[] {
  const answered = hands_over ? [scopedField(use?.writes ?? '', output_key ?? id)] : [];
  return [...Object.keys(reducers), ...answered];
}

interface Seen {
  readonly segment: SegmentDefinition;
  readonly node: CompiledNode;
  readonly sight: Sight;
}

/** What unfinished loops and lists keep for their next turn. */
function progressBytes(sights: readonly Seen[]): number {
  return sights.reduce((sum, { node }) => {
    const keeps = node.begins_again_at !== undefined || node.config['body'] !== undefined;
    return keeps ? sum + nameBytes(progressFieldOf(node.id)) + PROGRESS : sum;
  }, 0);
}

const PROGRESS = 10;

/** What loops count, as long as it fits. */
function withProgress(inline: number, progress: number, { leaves, frame }: Keeping): number {
  if (progress === 0) return inline;
  const most = THRESHOLDS.inlineState + (leaves ? frame.statePointer : 0);
  return Math.max(inline, Math.min(inline + progress, most));
}

/** The field that takes the most. */
export function largestField(fields: Fields): { readonly name: string; readonly bytes: number } | null {
  const [first, ...others] = fieldSizes(fields);
  return first ? others.reduce((most, each) => (each.bytes > most.bytes ? each : most), first) : null;
}
