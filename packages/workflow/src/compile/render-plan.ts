import type { SegmentId } from '@statebag/contracts/ids';
import { everyNode } from '../document/every-node.ts';
import type { CompiledNode, Flow } from '../nodes/flow.ts';
import { nestedFlows } from '../nodes/node-config.ts';
import { type CompiledWorkflow, openLoopsOf, type SegmentDefinition } from './segment-definition.ts';

/** A definition as text: each segment with its nodes, what it reads and writes, and where it leads. */
export function renderPlan({ manifest, segments, workflow }: CompiledWorkflow): string {
  const { name, version, definition_id, total_segments, max_loop_iterations } = manifest;
  const head = [
    `${name} ${version}`,
    `definition ${definition_id.slice(0, 12)}`,
    `${counted(everyNode(workflow).length, 'node')} in ${counted(total_segments, 'segment')}`,
    `at most ${max_loop_iterations} results`,
  ];
  return [head.join(' · '), ...[...segments.values()].map(segmentText), ''].join('\n');
}

function segmentText(segment: SegmentDefinition): string {
  const lines = [
    `${segment.segment_id} (${segment.segment_type})`,
    `  nodes   ${Object.keys(segment.flow.nodes).join(', ')}`,
    ...nestedIn(segment.flow).map(({ id, inside }) => `  inside  ${id}: ${inside.join(', ')}`),
    ...insideText(segment),
    `  reads   ${fieldsText(segment.reads)}`,
    `  writes  ${fieldsText(segment.writes)}`,
    ...branchesOf(segment).map(({ branch_id, first_segment, last_segment, optional }) => {
      const span = first_segment === last_segment ? first_segment : `${first_segment} to ${last_segment}`;
      return `  branch  ${branch_id}: ${span}${optional ? ' (may fail)' : ''}`;
    }),
    ...turnsOf(segment).map(
      ({ id, config, begins_again_at }) =>
        `  again   ${id}: ${begins_again_at}, at most ${config['max_iterations']} times`,
    ),
    `  then    ${onwards(segment).join(' or ') || 'the end'}`,
  ];
  return lines.join('\n');
}

/** Each node that holds others, at any depth, with the ids of those directly in it. */
function nestedIn({ nodes }: Flow): readonly { readonly id: string; readonly inside: readonly string[] }[] {
  return Object.values(nodes).flatMap((node) => {
    const flows = nestedFlows(node);
    const inside = flows.flatMap((flow) => Object.keys(flow.nodes));
    return inside.length === 0 ? [] : [{ id: node.id, inside }, ...flows.flatMap(nestedIn)];
  });
}

/** The loops that it is in or decides about. */
function insideText(segment: SegmentDefinition): string[] {
  const loops = openLoopsOf(segment);
  return loops.length === 0 ? [] : [`  loops   ${loops.join(', ')}`];
}

/** Where it leads but back. */
function onwards(segment: SegmentDefinition): readonly SegmentId[] {
  const back = new Set(turnsOf(segment).map(({ begins_again_at }) => segment.exits[begins_again_at ?? '']));
  return exitsOf(segment).filter((to) => !back.has(to));
}

function turnsOf({ flow }: SegmentDefinition): readonly CompiledNode[] {
  return Object.values(flow.nodes).filter(({ begins_again_at }) => begins_again_at !== undefined);
}

/** The same as a Mermaid flow chart. */
export function renderMermaid({ segments }: CompiledWorkflow): string {
  const all = [...segments.values()];
  return ['flowchart TD', ...all.map(mermaidNode), ...all.flatMap(mermaidEdges), ''].join('\n');
}

function mermaidNode(segment: SegmentDefinition): string {
  const rows = [
    segment.segment_id,
    Object.keys(segment.flow.nodes).join(', '),
    ...nestedIn(segment.flow).map(({ id, inside }) => `inside ${id}: ${inside.join(', ')}`),
    `reads ${fieldsText(segment.reads)}`,
    `writes ${fieldsText(segment.writes)}`,
  ];
  return `  ${mermaidId(segment.segment_id)}["${rows.map(mermaidText).join('<br/>')}"]`;
}

function mermaidEdges(segment: SegmentDefinition): string[] {
  const from = mermaidId(segment.segment_id);
  const started = branchesOf(segment).map(
    ({ branch_id, first_segment }) =>
      `  ${from} -. "${mermaidText(branch_id)}" .-> ${mermaidId(first_segment)}`,
  );
  return [...started, ...exitsOf(segment).map((to) => `  ${from} --> ${mermaidId(to)}`)];
}

function branchesOf({ branches }: SegmentDefinition) {
  return Object.values(branches).flat();
}

function exitsOf({ exits }: SegmentDefinition): readonly SegmentId[] {
  return [...new Set(Object.values(exits))].sort();
}

function fieldsText(fields: readonly string[] | null): string {
  if (fields === null) return 'everything';
  return fields.length === 0 ? 'nothing' : fields.join(', ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Mermaid takes letters, digits and underscores for ids. */
function mermaidId(id: string): string {
  return id.replaceAll(/[^A-Za-z0-9]/g, '_');
}

function mermaidText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
