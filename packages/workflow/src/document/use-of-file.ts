import type { Json, JsonObject } from '@statebag/contracts';
import { isId, type NodeId } from '@statebag/contracts/ids';
import type { ReducerName } from '@statebag/contracts/statuses';
import { isScopedField, scopedField, usedUnder } from '../nodes/field-scope.ts';
import { mapNested, mapWays } from '../nodes/node-config.ts';
import { definitionOf } from '../nodes/node-table.ts';
import { runningNodes } from './check-graph.ts';
import type { FileStep, Path, Report } from './diagnostics.ts';
import { inputsOf } from './input-contract.ts';
import { freshId, type Places } from './made-nodes.ts';
import type { Scope, Workflow, WorkflowNode } from './workflow.ts';

/** A workflow file as it was read for one use of it. */
export interface UsedFile {
  readonly workflow: Workflow;
  readonly source: FileStep;
  /** Where its nodes stand in it. */
  readonly places: ReadonlyMap<string, Path>;
}

/** What the uses in a document leave with it. */
export interface UseSurroundings {
  readonly report: Report;
  readonly places: Places;
  /** Of fields that belong to uses: their reducers. */
  readonly reducers: Map<string, ReducerName>;
  /** Fields that belong to uses and come from outside of them. */
  readonly given: Set<string>;
}

/**
 * A use of a file as a scope: a node that gives the file its fields, the nodes of the file under ids and
 * fields of this use, and a node that takes what comes back. It is laid flat like any other subgraph.
 */
export function wiredUse(node: WorkflowNode, used: UsedFile, around: UseSurroundings): WorkflowNode {
  const { input = {}, output = {} } = node.config as { input?: JsonObject; output?: JsonObject }; // by its rules
  checkGiven(node, used, input, around);
  const scope = underIdsOf(node.id, used.workflow);
  takePlaces(node.id, used, around);
  takeFields(node.id, used.workflow, around);
  const running = runningNodes(scope);
  const left = new Set(scope.edges.map(({ from }) => from));
  const { initial_state } = used.workflow;
  const drops = localFields(scope, [...Object.keys(initial_state), ...Object.keys(input)], node.id);
  const enter: WorkflowNode = {
    ...node,
    config: { input },
    use: { reads: '', writes: node.id, begins_with: without(initial_state, Object.keys(input)), drops },
  };
  const leave: WorkflowNode = {
    ...node,
    id: freshId(`${node.id}.end`, node.id, around.places),
    config: { output },
    use: { reads: node.id, writes: '', drops },
  };
  checkLengths(node, drops, around);
  const first = running.slice(0, 1).map(({ id }) => ({ from: enter.id, to: id }));
  const ends = running.filter(({ id }) => !left.has(id)).map(({ id }) => ({ from: id, to: leave.id }));
  const body = { nodes: [enter, ...running, leave], edges: [...first, ...scope.edges, ...ends] };
  return { ...node, config: { body } };
}

function without(fields: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([field]) => !names.includes(field)));
}

/** Every id with the use before it, also those that lead somewhere and those in bodies. */
function underIdsOf(use: NodeId, { nodes, edges }: Scope): Scope {
  const own = (id: NodeId) => `${use}.${id}` as NodeId; // checked in `takePlaces`
  return {
    nodes: nodes.map((node) => ({
      ...node,
      id: own(node.id),
      use: usedUnder(use, node.use ?? { reads: '', writes: '' }),
      config: mapNested({ ...node, config: mapWays(node, own) }, (inner: Scope) => underIdsOf(use, inner)),
    })),
    edges: edges.map(({ from, to, ...rest }) => ({ from: own(from), to: own(to), ...rest })),
  };
}

function takePlaces(use: NodeId, { source, places: inner }: UsedFile, { report, places }: UseSurroundings) {
  for (const [id, at] of inner) {
    const own = `${use}.${id}`;
    const found = [source, ...at];
    if (!isId(own))
      report.add({
        code: 'bad-id',
        at: found,
        message: `used under ${JSON.stringify(use)} the node has the id ${JSON.stringify(own)}, which is none`,
      });
    if (places.has(own))
      report.add({
        code: 'duplicate-id',
        at: places.get(own) ?? [],
        message: `the id ${JSON.stringify(own)} is taken by a node of the file ${source.file}`,
      });
    places.set(own, found);
  }
}

function takeFields(use: NodeId, { reducers, fields, nodes }: Workflow, around: UseSurroundings): void {
  for (const [field, reducer] of Object.entries(reducers)) around.reducers.set(underUse(use, field), reducer);
  for (const field of [...fields, ...declaredIn({ nodes })]) around.given.add(underUse(use, field));
}

function underUse(use: NodeId, field: string): string {
  if (!isScopedField(field)) return scopedField(use, field);
  const [moved = field] = usedUnder(use, { reads: '', writes: '', drops: [field] }).drops ?? [];
  return moved;
}

function declaredIn({ nodes }: Pick<Scope, 'nodes'>): readonly string[] {
  return nodes
    .filter(({ use }) => use === undefined)
    .map((node) => ({ ...definitionOf(node), node }))
    .filter(({ marks }) => marks === 'start')
    .flatMap((start) => start.fields(start.node.config));
}

/** A file that names its input is given it, and nothing else. */
function checkGiven(
  node: WorkflowNode,
  { workflow, source }: UsedFile,
  input: JsonObject,
  { report, places }: UseSurroundings,
): void {
  const at = places.get(node.id) ?? [];
  const required = inputsOf(workflow).flatMap((each) => each.required);
  const declared = declaredIn(workflow);
  const known = [...declared, ...Object.keys(workflow.initial_state), ...workflow.fields];
  for (const field of required) {
    if (!Object.hasOwn(input, field) && !Object.hasOwn(workflow.initial_state, field))
      report.add({
        code: 'missing-key',
        at: [...at, 'config'],
        message: `${source.file} needs ${JSON.stringify(field)}, which \`input\` does not give`,
        mend: `add ${JSON.stringify(field)} to \`input\``,
      });
  }
  for (const field of Object.keys(input)) {
    if (declared.length > 0 && !known.includes(field))
      report.add({
        code: 'unknown-key',
        at: [...at, 'config', 'input', field],
        message: `${source.file} knows no ${JSON.stringify(field)}`,
        mend: `it takes ${known.join(', ')}`,
      });
  }
}

/** Every field that a use may leave, by its name in the state. */
function localFields(scope: Scope, begun: readonly string[], use: NodeId): readonly string[] {
  const written = scope.nodes.flatMap((node) => writesBelow(node));
  const own = begun.map((field) => scopedField(use, field));
  return [...new Set([...own, ...written])].filter(isScopedField).sort();
}

function writesBelow(node: WorkflowNode): readonly string[] {
  const inner: string[] = [];
  mapNested(node, (scope: Scope): Json => {
    inner.push(...scope.nodes.flatMap(writesBelow));
    return null;
  });
  const writes = node.use?.writes ?? '';
  const named = [...definitionOf(node).writes(node.config), ...Object.keys(node.use?.begins_with ?? {})];
  const result = node.output_key === null ? [] : [node.output_key];
  return [...inner, ...[...result, ...named].map((field) => scopedField(writes, field))];
}

const LONGEST_FIELD = 256;

function checkLengths(
  { id }: WorkflowNode,
  fields: readonly string[],
  { report, places }: UseSurroundings,
): void {
  for (const field of fields.filter(({ length }) => length > LONGEST_FIELD))
    report.add({
      code: 'reserved-field',
      at: places.get(id) ?? [],
      message: `the field ${JSON.stringify(field)} of this use has more than ${LONGEST_FIELD} characters`,
    });
}
