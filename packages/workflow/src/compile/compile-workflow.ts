import type { DefinitionId, SegmentId } from '@statebag/contracts/ids';
import type { Manifest } from '@statebag/contracts/schemas/manifest';
import { canonicalJson, sha256Of } from '@statebag/state-core';
import { inputContractOf } from '../document/input-contract.ts';
import type { Workflow } from '../document/workflow.ts';
import { cachedParser } from '../expressions/create-evaluator.ts';
import { definitionOf } from '../nodes/node-table.ts';
import { compileFlow, readsOfValue } from './compile-flow.ts';
import { iterationLimits } from './iteration-limits.ts';
import { withLegacyJoin } from './legacy-join.ts';
import { withOpenLoops } from './open-loops.ts';
import { type Part, partition } from './partition.ts';
import type { CompiledWorkflow, SegmentDefinition } from './segment-definition.ts';
import { segmentOf } from './segment-of.ts';
import { spendLimitsOf } from './spend-limits.ts';

/** Raised with every change of what the same document compiles to: the definition's id depends on it. */
export const COMPILER_VERSION = '3';

/** What a deployment allows. Part of the definition's id. */
export interface CompileLimits {
  /** Expected milliseconds of one segment: well below the runner's timeout. */
  readonly segment_ms: number;
}

export const DEFAULT_COMPILE_LIMITS: CompileLimits = { segment_ms: 120_000 };
const DEFAULT_CONCURRENCY = 10;

/** Whom a definition is for. The first generation joins whole states, so its groups have to say how. */
export interface Compatibility {
  readonly compat?: 'legacy';
}

/** Splits a workflow into segments. The same workflow and limits give the same definition, byte for byte. */
export function compileWorkflow(
  workflow: Workflow,
  limits: CompileLimits = DEFAULT_COMPILE_LIMITS,
  { compat }: Compatibility = {},
): CompiledWorkflow {
  const definition_id = definitionIdOf(workflow, limits, compat);
  const parse = cachedParser();
  const rules = {
    segmentMillis: limits.segment_ms,
    callsPerSegment: workflow.options.llm_per_segment ?? Number.POSITIVE_INFINITY,
  };
  const flow = compileFlow(workflow, { reducers: workflow.reducers, parse });
  const parts = partition(
    withOpenLoops(flow, { rules, readsOf: (value) => readsOfValue(value, parse) }),
    rules,
  );
  const spending = spendLimitsOf(workflow.options);
  const segments = new Map(
    parts.map((part) => {
      const segment = { ...segmentOf(part, parts, definition_id), ...(spending && { limits: spending }) };
      return [part.id, compat === 'legacy' ? withLegacyJoin(segment, part, workflow) : segment];
    }),
  );
  return {
    definition_id,
    manifest: manifestOf(workflow, { definition_id, parts, segments, limits }),
    segments,
    workflow,
  };
}

function definitionIdOf(
  workflow: Workflow,
  limits: CompileLimits,
  compat: Compatibility['compat'],
): DefinitionId {
  const made = {
    workflow,
    compiler_version: COMPILER_VERSION,
    limits: { ...limits },
    ...(compat && { compat }),
  };
  return sha256Of(canonicalJson(made)) as string as DefinitionId; // a hash is an id
}

interface Compiled {
  readonly definition_id: DefinitionId;
  readonly parts: readonly Part[];
  readonly segments: ReadonlyMap<SegmentId, SegmentDefinition>;
  readonly limits: CompileLimits;
}

function manifestOf(workflow: Workflow, { definition_id, parts, segments, limits }: Compiled): Manifest {
  const summaries = parts.map(({ id, nodes }) => ({
    segment_id: id,
    segment_type: segments.get(id)?.segment_type ?? 'normal',
    nodes: nodes.map((node) => node.id),
    next: nextOf(segments.get(id)),
  }));
  return {
    schema_version: 1,
    definition_id,
    compiler_version: COMPILER_VERSION,
    name: workflow.name,
    version: workflow.version,
    // a flow has at least one node, so there is a first part
    first_segment: parts[0]?.id ?? ('' as SegmentId),
    segments: summaries,
    total_segments: parts.length,
    ...iterationLimits(parts, workflow.options, limits.segment_ms),
    max_concurrency: workflow.options.max_concurrency ?? DEFAULT_CONCURRENCY,
    output_fields: outputFields(workflow),
    initial_state: workflow.initial_state,
    input: inputContractOf(workflow, readsOf(parts)),
  };
}

/** Every field that a node reads; null where one may read any. */
function readsOf(parts: readonly Part[]): readonly string[] | null {
  const reads = parts.flatMap(({ nodes }) => nodes.map((node) => node.reads));
  return reads.includes(null) ? null : reads.flatMap((fields) => fields ?? []);
}

/** Branches first, since they run first. */
function nextOf(segment: SegmentDefinition | undefined): SegmentId[] {
  const started = Object.values(segment?.branches ?? {}).flatMap((branches) =>
    branches.map(({ first_segment }) => first_segment),
  );
  return [...new Set([...started, ...Object.values(segment?.exits ?? {}).sort()])];
}

function outputFields({ nodes }: Workflow): string[] | null {
  const ends = nodes
    .filter(({ use }) => use === undefined) // a file that is used gives its fields to the use
    .map((node) => ({ ...definitionOf(node), node }))
    .filter(({ marks }) => marks === 'end');
  const fields = ends.flatMap((end) => end.fields(end.node.config));
  return fields.length === 0 ? null : [...new Set(fields)].sort();
}
