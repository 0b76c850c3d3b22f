import { isJsonObject, type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import { type DefinitionId, isId, type SegmentId } from '@statebag/contracts/ids';
import { INLINE_DEFINITION } from '@statebag/state-core/legacy';
import {
  compileByMap,
  compileWhole,
  compileWorkflow,
  DEFAULT_COMPILE_LIMITS,
  diagnosticText,
  isSegmentDefinition,
  type MapEntry,
  readDocument,
  type SegmentDefinition,
  type Workflow,
} from '@statebag/workflow';

const DEFINITION = INLINE_DEFINITION as DefinitionId; // an id by sight
/** Members of a document; a first-generation config may hold others. */
const DOCUMENT_MEMBERS = ['version', 'description', 'nodes', 'edges', 'initial_state', 'state', 'options'];

/**
 * The segments of a workflow that travels with its run, in the order of its partition map; without a map as
 * they are partitioned here. @throws `Workflow.Invalid`
 */
export function compileConfig(config: JsonObject, map: Json): readonly SegmentDefinition[] {
  if (Array.isArray(map) && map.every(isSegmentDefinition)) return map;
  const workflow = workflowOf(config);
  if (!Array.isArray(map))
    return [...compileWorkflow(workflow, DEFAULT_COMPILE_LIMITS, { compat: 'legacy' }).segments.values()];
  return compileByMap(workflow, map.map(entryOf), DEFINITION);
}

/** A segment whose nodes stand in its own config. @throws `Workflow.Invalid` */
export function compileSegmentConfig(config: JsonObject): SegmentDefinition {
  if (isSegmentDefinition(config)) return config;
  return compileWhole(workflowOf(config), { id: idOf(config, 0), definition_id: DEFINITION });
}

function workflowOf(config: JsonObject): Workflow {
  const members = Object.entries(config).filter(([name]) => DOCUMENT_MEMBERS.includes(name));
  const name =
    typeof config['name'] === 'string' && config['name'] !== ''
      ? config['name'].slice(0, LONGEST_NAME)
      : 'workflow';
  const { workflow, diagnostics } = readDocument(
    { name, ...Object.fromEntries(members) },
    { file: 'workflow_config.json' },
  );
  if (workflow) return workflow;
  const errors = diagnostics.filter(({ severity }) => severity === 'error').map(diagnosticText);
  throw new StatebagError('Workflow.Invalid', errors.join('\n'));
}

const LONGEST_NAME = 128;

/** Nodes by their ids, or as whole nodes. */
function entryOf(entry: Json, index: number): MapEntry {
  const { nodes, node_ids } = isJsonObject(entry) ? entry : {};
  const listed = nodes ?? node_ids;
  const ids = Array.isArray(listed) ? listed.map((node) => (isJsonObject(node) ? node['id'] : node)) : [];
  return {
    id: idOf(isJsonObject(entry) ? entry : {}, index),
    nodes: ids.filter((id) => typeof id === 'string'),
  };
}

function idOf({ segment_id, id }: JsonObject, index: number): SegmentId {
  const given = segment_id ?? id;
  return (isId(given) ? given : `segment-${index}`) as SegmentId; // isId is its grammar
}
