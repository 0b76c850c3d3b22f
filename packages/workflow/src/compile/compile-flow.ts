import { isJsonObject, type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import type { NodeId } from '@statebag/contracts/ids';
import type { ReducerName } from '@statebag/contracts/statuses';
import { canonicalJson, sha256Of } from '@statebag/state-core';
import { runningNodes } from '../document/check-graph.ts';
import type { Scope, WorkflowNode } from '../document/workflow.ts';
import type { ParseText } from '../expressions/create-evaluator.ts';
import { expressionsOf } from '../expressions/parse-text.ts';
import { type ReadSet, unionOfReads } from '../expressions/read-set.ts';
import { EVALUATED_KINDS, type FileFrom } from '../nodes/config-rules.ts';
import { type FieldScope, scopedField } from '../nodes/field-scope.ts';
import type { CompiledNode, Flow } from '../nodes/flow.ts';
import { choosesItsWay, mapNested, nestedFlows } from '../nodes/node-config.ts';
import { definitionOf } from '../nodes/node-table.ts';
import { readsOfFlow, surelyReplacedBy } from './flow-reads.ts';

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
  const conditions = new Set<NodeId>(running.filter(choosesItsWay).map(({ id }) => id));
  const next = Object.fromEntries(
    scope.edges.filter(({ from }) => !conditions.has(from)).map(({ from, to }) => [from, to]),
  );
  return { entry: entry.id, nodes, next };
}

function compileNode(node: WorkflowNode, around: Surroundings): CompiledNode {
  const { id, type, output_key, use } = node;
  const definition = definitionOf(node);
  const config = mapNested(node, (scope: Scope) => compileFlow(scope, around));
  const named = [
    ...(output_key === null ? [] : [output_key]),
    ...definition.writes(config),
    ...Object.keys(use?.begins_with ?? {}),
  ];
  const writes = [
    ...named.map((field) => scopedField(use?.writes ?? '', field)),
    ...(use?.drops ?? []),
    ...definition.mayWrite(config),
  ];
  const reads = unionOfReads([...readsOfConfig(node, config, around), scopedReads(use, new Set(node.reads))]);
  return {
    id,
    type,
    version: sha256Of(canonicalJson({ id, type, config })),
    config,
    output_key,
    reads: reads === 'all' ? null : [...reads].sort(),
    writes: [...new Set(writes)].sort(),
    reducers: Object.fromEntries(Object.entries(around.reducers).filter(([field]) => writes.includes(field))),
    ...(use && { use }),
  };
}

function readsOfConfig({ type, use }: WorkflowNode, config: JsonObject, { parse }: Surroundings): ReadSet[] {
  const { rules } = definitionOf({ type });
  const entries = Object.entries(config).map(([key, value]) => ({ rule: rules[key], value }));
  const bodies = nestedFlows({ type, config });
  const writtenInBody = new Set(bodies.flatMap((body) => [...surelyReplacedBy(body)]));
  const files = entries.flatMap(({ rule, value }) => (rule?.kind === 'files' ? fieldsOfFiles(value) : []));
  const evaluated = entries.filter(({ rule }) => rule && EVALUATED_KINDS.has(rule.kind));
  return [
    ...bodies.map(readsOfFlow),
    scopedReads(use, new Set(files)),
    ...evaluated.flatMap(({ rule, value }) =>
      readsOfValue(value, parse)
        .map((reads) => scopedReads(use, reads))
        .map((reads) => (rule?.afterBody ? without(reads, writtenInBody) : reads)),
    ),
  ];
}

function fieldsOfFiles(files: Json): readonly string[] {
  // checked against the rules of files before it was compiled
  return (files as unknown as readonly FileFrom[]).map(({ file_from }) => file_from);
}

function without(reads: ReadSet, fields: ReadonlySet<string>): ReadSet {
  return reads === 'all' ? 'all' : new Set([...reads].filter((field) => !fields.has(field)));
}

/** The fields of the state that names stand for where they are read. */
export function scopedReads(use: FieldScope | undefined, reads: ReadSet): ReadSet {
  if (use === undefined || reads === 'all') return reads;
  return new Set([...reads].map((field) => scopedField(use.reads, field)));
}

/** What the expressions in a value read, however deep they lie. */
export function readsOfValue(value: Json, parse: ParseText): ReadSet[] {
  if (typeof value === 'string') return expressionsOf(parse(value)).map(({ reads }) => reads);
  if (Array.isArray(value)) return value.flatMap((member) => readsOfValue(member, parse));
  return isJsonObject(value) ? Object.values(value).flatMap((member) => readsOfValue(member, parse)) : [];
}
