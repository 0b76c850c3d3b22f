import { isJsonObject, type Json, type JsonObject, type NodeId, type ReducerName, StatebagError } from '@statebag/contracts';
import { canonicalJson, sha256Of } from '@statebag/state-core';
import { runningNodes } from '../document/check-graph.ts';
import { EVALUATED_KINDS } from '../document/config-rules.ts';
import type { Scope, WorkflowNode } from '../document/workflow.ts';
import type { ParseText } from '../expressions/create-evaluator.ts';
import { expressionsOf } from '../expressions/parse-text.ts';
import { type ReadSet, unionOfReads } from '../expressions/read-set.ts';
import { NODES } from '../nodes/node-table.ts';
import type { CompiledNode, Flow } from './flow.ts';
import { readsOfFlow, surelyReplacedBy } from './flow-reads.ts';
import { mapNested, nestedFlows } from './nested-flows.ts';

interface Surroundings {
  readonly reducers: { readonly [field: string]: ReducerName };
  readonly parse: ParseText;
}

/** A scope's nodes with their sets and versions, and what follows each. */
export function compileFlow(scope: Scope, around: Surroundings): Flow {
  const running = runningNodes(scope);
  const entry = running[0];
  if (!entry) throw new StatebagError('Workflow.Invalid', 'a list of nodes is empty');
  const nodes = Object.fromEntries(running.map((node) => [node.id, compileNode(node, around)]));
  const conditions = new Set<NodeId>(running.filter(({ type }) => type === 'conditional').map(({ id }) => id));
  const next = Object.fromEntries(scope.edges.filter(({ from }) => !conditions.has(from)).map(({ from, to }) => [from, to]));
  return { entry: entry.id, nodes, next };
}

function compileNode(node: WorkflowNode, around: Surroundings): CompiledNode {
  const { id, type, output_key } = node;
  const definition = NODES[type];
  const config = mapNested(node, (scope: Scope) => compileFlow(scope, around));
  const writes = [...(output_key === null ? [] : [output_key]), ...definition.writes(config)];
  const reads = unionOfReads([...readsOfConfig(node, config, around), new Set(node.reads)]);
  return {
    id,
    type,
    version: sha256Of(canonicalJson({ id, type, config })),
    config,
    output_key,
    reads: reads === 'all' ? null : [...reads].sort(),
    writes: [...new Set(writes)].sort(),
    reducers: Object.fromEntries(Object.entries(around.reducers).filter(([field]) => writes.includes(field))),
  };
}

function readsOfConfig({ type }: WorkflowNode, config: JsonObject, { parse }: Surroundings): ReadSet[] {
  const { rules } = NODES[type];
  const entries = Object.entries(config).map(([key, value]) => ({ rule: rules[key], value }));
  const bodies = nestedFlows({ type, config });
  const writtenInBody = new Set(bodies.flatMap((body) => [...surelyReplacedBy(body)]));
  const evaluated = entries.filter(({ rule }) => rule && EVALUATED_KINDS.has(rule.kind));
  return [
    ...bodies.map(readsOfFlow),
    ...evaluated.flatMap(({ rule, value }) => readsOfValue(value, parse).map((reads) => (rule?.afterBody ? without(reads, writtenInBody) : reads))),
  ];
}

function without(reads: ReadSet, fields: ReadonlySet<string>): ReadSet {
  return reads === 'all' ? 'all' : new Set([...reads].filter((field) => !fields.has(field)));
}

/** What the expressions in a value read, however deep they lie. */
export function readsOfValue(value: Json, parse: ParseText): ReadSet[] {
  if (typeof value === 'string') return expressionsOf(parse(value)).map(({ reads }) => reads);
  if (Array.isArray(value)) return value.flatMap((member) => readsOfValue(member, parse));
  return isJsonObject(value) ? Object.values(value).flatMap((member) => readsOfValue(member, parse)) : [];
}
