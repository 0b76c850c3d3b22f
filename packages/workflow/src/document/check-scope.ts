import { isId, isJsonObject, type Json, type JsonObject, type NodeId, WORKFLOW_LIMITS } from '@statebag/contracts';
import { NODES } from '../nodes/node-table.ts';
import { NODE_TYPES, type NodeType, nodeTypeOf } from '../nodes/node-types.ts';
import { type ConfigSurroundings, checkConfig } from './check-config.ts';
import { checkFieldName } from './check-field-name.ts';
import { checkGraph } from './check-graph.ts';
import type { Path, Report } from './diagnostics.ts';
import { normaliseScope } from './normalise-scope.ts';
import type { Scope, WorkflowEdge, WorkflowNode } from './workflow.ts';

/** What every scope of one document shares. */
export interface ScopeSurroundings {
  readonly report: Report;
  readonly readFile: ConfigSurroundings['readFile'];
  readonly parse: ConfigSurroundings['parse'];
  /** Every node met so far and where it stands: ids are unique in the whole document. */
  readonly places: Map<string, Path>;
  readonly depth: { readonly bodies: number; readonly subgraphs: number };
}

const EDGE_KEYS = ['from', 'to', 'type'];
const NODE_KEYS = ['id', 'type', 'name', 'description', 'config', 'output_key', 'reads', 'position'];

/** A list of nodes with their edges: a document's, or a body's. */
export function checkScope(value: Json, at: Path, around: ScopeSurroundings): Scope {
  const { report } = around;
  if (!isJsonObject(value)) {
    report.add({ code: 'wrong-shape', at, message: 'an object with `nodes` is needed here' });
    return { nodes: [], edges: [] };
  }
  const nodes = listAt(value, 'nodes', at, report).flatMap((node, index) => checkNode(node, [...at, 'nodes', index], around));
  const written = 'edges' in value ? listAt(value, 'edges', at, report).flatMap((edge, index) => checkEdge(edge, [...at, 'edges', index], report)) : null;
  if (nodes.length === 0) report.add({ code: 'missing-key', at: [...at, 'nodes'], message: 'there are no nodes', mend: 'add at least one node' });
  const scope = checkGraph({ nodes, edges: written }, at, around);
  return report.isSound() ? normaliseScope(scope, around) : scope;
}

function listAt(value: JsonObject, key: string, at: Path, report: Report): readonly Json[] {
  const list = value[key];
  if (Array.isArray(list)) return list;
  report.add(
    list === undefined
      ? { code: 'missing-key', at, message: `\`${key}\` is missing` }
      : { code: 'wrong-shape', at: [...at, key], message: `\`${key}\` must be a list` },
  );
  return [];
}

function checkNode(value: Json, at: Path, around: ScopeSurroundings): WorkflowNode[] {
  const { report } = around;
  if (!isJsonObject(value)) {
    report.add({ code: 'wrong-shape', at, message: 'a node is an object' });
    return [];
  }
  for (const key of Object.keys(value)) {
    if (!NODE_KEYS.includes(key))
      report.add({
        code: 'unknown-key',
        at: [...at, key],
        message: `\`${key}\` is not a key of a node`,
        mend: 'settings of the node type belong into `config`',
      });
  }
  const id = checkNodeId(value['id'], at, around);
  const type = checkType(value['type'], at, report);
  if (id === null || type === null) return [];
  const { rules, output, problems } = NODES[type];
  const config = value['config'] ?? {};
  if (!isJsonObject(config)) report.add({ code: 'wrong-shape', at: [...at, 'config'], message: '`config` is an object' });
  const checkBody = (body: Json, bodyAt: Path) => checkScope(body, bodyAt, deeper(type, bodyAt, around));
  const surroundings = { report, readFile: around.readFile, parse: around.parse, checkScope: checkBody };
  const checked = checkConfig(isJsonObject(config) ? config : {}, rules, [...at, 'config'], surroundings);
  for (const message of problems(checked)) report.add({ code: 'wrong-shape', at: [...at, 'config'], message });
  return [{ id, type, output_key: checkOutputKey(value['output_key'], output, at, report), reads: checkReads(value['reads'], at, report), config: checked }];
}

function deeper(type: NodeType, at: Path, around: ScopeSurroundings): ScopeSurroundings {
  const bodies = around.depth.bodies + 1;
  const subgraphs = around.depth.subgraphs + (type === 'subgraph' ? 1 : 0);
  if (bodies === WORKFLOW_LIMITS.nesting + 1) around.report.add({ code: 'too-many', at, message: `bodies are nested deeper than ${WORKFLOW_LIMITS.nesting}` });
  if (subgraphs === WORKFLOW_LIMITS.subgraphDepth + 1 && type === 'subgraph') {
    around.report.add({ code: 'too-many', at, message: `subgraphs are nested deeper than ${WORKFLOW_LIMITS.subgraphDepth}` });
  }
  return { ...around, depth: { bodies, subgraphs } };
}

function checkNodeId(id: Json | undefined, at: Path, { report, places }: ScopeSurroundings): NodeId | null {
  if (!isId(id)) {
    report.add(
      id === undefined
        ? { code: 'missing-key', at, message: '`id` is missing' }
        : { code: 'bad-id', at: [...at, 'id'], message: `${JSON.stringify(id)} is not an id` },
    );
    return null;
  }
  if (places.has(id)) {
    report.add({ code: 'duplicate-id', at: [...at, 'id'], message: `the id ${JSON.stringify(id)} is taken by another node` });
    return null;
  }
  places.set(id, at);
  return id as NodeId; // the grammar was checked
}

function checkType(name: Json | undefined, at: Path, report: Report) {
  const type = nodeTypeOf(name);
  if (name === undefined) report.add({ code: 'missing-key', at, message: '`type` is missing' });
  else if (type === null)
    report.add({
      code: 'unknown-type',
      at: [...at, 'type'],
      message: `${JSON.stringify(name)} is not a node type`,
      mend: `known are ${NODE_TYPES.join(', ')}`,
    });
  else if (type !== name)
    report.add({ code: 'type-alias', at: [...at, 'type'], message: `${JSON.stringify(name)} is an old name`, mend: `write ${JSON.stringify(type)}` });
  return type;
}

function checkOutputKey(key: Json | undefined, output: 'required' | 'optional' | 'none', at: Path, report: Report): string | null {
  if (key === undefined) {
    if (output === 'required') report.add({ code: 'missing-key', at, message: '`output_key` is missing', mend: 'name the field that takes the result' });
    return null;
  }
  if (output === 'none') report.add({ code: 'unknown-key', at: [...at, 'output_key'], message: 'this node type has no result to store' });
  if (typeof key === 'string') checkFieldName(key, [...at, 'output_key'], report);
  else report.add({ code: 'wrong-shape', at: [...at, 'output_key'], message: '`output_key` is the name of a field' });
  return typeof key === 'string' ? key : null;
}

function checkReads(reads: Json | undefined, at: Path, report: Report): readonly string[] {
  if (reads === undefined) return [];
  if (Array.isArray(reads) && reads.every((name) => typeof name === 'string')) return reads;
  report.add({ code: 'wrong-shape', at: [...at, 'reads'], message: '`reads` is a list of field names' });
  return [];
}

function checkEdge(value: Json, at: Path, report: Report): WorkflowEdge[] {
  if (isJsonObject(value) && typeof value['from'] === 'string' && typeof value['to'] === 'string') {
    for (const key of Object.keys(value)) {
      if (!EDGE_KEYS.includes(key))
        report.add({
          code: 'unknown-key',
          at: [...at, key],
          message: `\`${key}\` is not a key of an edge`,
          mend: 'conditions belong into a `conditional` node',
        });
    }
    if ('type' in value && value['type'] !== 'hitp') report.add({ code: 'wrong-shape', at: [...at, 'type'], message: 'the one type of an edge is "hitp"' });
    return [{ from: value['from'] as NodeId, to: value['to'] as NodeId, ...(value['type'] === 'hitp' && { type: 'hitp' }) }]; // whether nodes have these ids is checked with the graph
  }
  report.add({ code: 'wrong-shape', at, message: 'an edge is { "from": "<node id>", "to": "<node id>" }' });
  return [];
}
