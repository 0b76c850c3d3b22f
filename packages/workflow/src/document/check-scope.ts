import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { isId, type NodeId } from '@statebag/contracts/ids';
import { WORKFLOW_LIMITS } from '@statebag/contracts/limits';
import { nearestName } from '../expressions/nearest-name.ts';
import { definitionOf, NODE_TYPES, nodeTypeOf } from '../nodes/node-table.ts';
import { isOwnType, type OwnNodes } from '../own/own-nodes.ts';
import {
  type ConfigSurroundings,
  checkConfig,
  checkFieldName,
  fileOf,
  misspeltKeys,
} from './check-config.ts';
import { checkEdge } from './check-edge.ts';
import { checkGraph } from './check-graph.ts';
import { type CheckedOwn, checkOwnNode } from './check-own-node.ts';
import type { Path, Report } from './diagnostics.ts';
import { normaliseScope } from './normalise-scope.ts';
import { type UsedFile, type UseSurroundings, wiredUse } from './use-of-file.ts';
import type { Scope, WorkflowNode } from './workflow.ts';

/** What every scope of one document shares. */
export interface ScopeSurroundings extends UseSurroundings {
  readonly report: Report;
  readonly readFile: ConfigSurroundings['readFile'];
  /** The node types of the project. */
  readonly own: OwnNodes;
  readonly parse: ConfigSurroundings['parse'];
  readonly texts: ConfigSurroundings['texts'];
  /** Every node met so far and where it stands: ids are unique in the whole document. */
  readonly places: Map<string, Path>;
  /** Reads another workflow for one use of it; null where it cannot be used, which is reported. */
  readonly readUsed: (file: string, at: Path, depth: ScopeSurroundings['depth']) => UsedFile | null;
  /** How deep it lies in bodies, and how deep in those of each type that limits it. */
  readonly depth: { readonly bodies: number; readonly ofType: Readonly<Record<string, number>> };
}

const NODE_KEYS = ['id', 'type', 'name', 'description', 'config', 'output_key', 'reads', 'position'];

/** A list of nodes with their edges: a document's, or a body's. */
export function checkScope(value: Json, at: Path, around: ScopeSurroundings): Scope {
  const { report } = around;
  if (!isJsonObject(value)) {
    report.add({ code: 'wrong-shape', at, message: 'an object with `nodes` is needed here' });
    return { nodes: [], edges: [] };
  }
  const given = listAt(value, 'nodes', at, report);
  const nodes = given.flatMap((node, index) => checkNode(node, [...at, 'nodes', index], around));
  const written =
    'edges' in value
      ? listAt(value, 'edges', at, report).flatMap((edge, index) =>
          checkEdge(edge, [...at, 'edges', index], report),
        )
      : null;
  if (Array.isArray(value['nodes']) && given.length === 0)
    report.add({
      code: 'missing-key',
      at: [...at, 'nodes'],
      message: 'there are no nodes',
      mend: 'add at least one node',
    });
  const scope = checkGraph({ nodes, edges: written, named: idsIn(given) }, at, around);
  return report.isSound() ? normaliseScope(scope, around) : scope;
}

/** Every id that is written, also those of nodes that could not be read. */
function idsIn(nodes: readonly Json[]): ReadonlySet<string> {
  const ids = nodes.map((node) => (isJsonObject(node) ? node['id'] : undefined));
  return new Set(ids.filter((id) => typeof id === 'string'));
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
        mend: mendOfNodeKey(key, value),
      });
  }
  const id = checkNodeId(value, at, around);
  const type = checkType(value, at, around);
  if (id === null || type === null) return [];
  const { config, reads, output } = checkNodeConfig(type, value, at, around);
  const node = {
    id,
    type,
    output_key: checkOutputKey(value, output, at, report),
    reads: [...new Set([...reads, ...checkReads(value['reads'], at, report)])],
    config,
  };
  return [withUsedFile(node, [...at, 'config', 'body'], around)];
}

/** The config as it is kept, and what the type says of a node with it. */
type CheckedConfig = Pick<CheckedOwn, 'reads' | 'output'> & { readonly config: JsonObject };

function checkNodeConfig(
  type: string,
  { config = {}, output_key }: JsonObject,
  at: Path,
  around: ScopeSurroundings,
): CheckedConfig {
  const { report, readFile, parse, texts } = around;
  if (!isJsonObject(config))
    report.add({ code: 'wrong-shape', at: [...at, 'config'], message: '`config` is an object' });
  const given = isJsonObject(config) ? config : {};
  const surroundings = {
    report,
    readFile,
    parse,
    texts,
    checkScope: (body: Json, bodyAt: Path) => checkScope(body, bodyAt, deeper(type, bodyAt, around)),
    ...(typeof output_key === 'string' && { outputKey: output_key }),
  };
  const own = around.own.get(type);
  if (own) return checkOwnNode(own, given, at, surroundings);
  const { rules, output, problems } = definitionOf({ type });
  const checked = checkConfig(given, rules, [...at, 'config'], surroundings);
  if (misspeltKeys(given, rules).size === 0)
    for (const message of problems(checked))
      report.add({
        code: 'wrong-shape',
        at: [...at, 'config'],
        message,
        mend: `see ${type} in docs/node-types.md`,
      });
  return { config: checked, reads: [], output };
}

/** A node whose body is a file has its nodes in it then; without the file it has no body. */
function withUsedFile(node: WorkflowNode, at: Path, around: ScopeSurroundings): WorkflowNode {
  const { body, ...config } = node.config;
  const file = fileOf(body);
  if (file === null) return node;
  const used = around.readUsed(file, [...at, 'file'], deeper(node.type, at, around).depth);
  return used ? wiredUse({ ...node, config }, used, around) : { ...node, config };
}

function mendOfNodeKey(key: string, node: JsonObject): string {
  const nearest = nearestName(
    key,
    NODE_KEYS.filter((known) => !Object.hasOwn(node, known)),
  );
  return nearest === undefined
    ? 'settings of the node type belong into `config`'
    : `did you mean \`${nearest}\`?`;
}

/** A key of a node that is not there because it is misspelt was reported as unknown: that is enough. */
function isMisspelt(key: string, node: JsonObject): boolean {
  return Object.keys(node).some(
    (written) => !NODE_KEYS.includes(written) && nearestName(written, [key]) === key,
  );
}

function deeper(type: string, at: Path, around: ScopeSurroundings): ScopeSurroundings {
  const bodies = around.depth.bodies + 1;
  const ofThisType = (around.depth.ofType[type] ?? 0) + 1;
  const { deepest = Number.POSITIVE_INFINITY } = definitionOf({ type });
  if (bodies === WORKFLOW_LIMITS.nesting + 1)
    around.report.add({
      code: 'too-many',
      at,
      message: `bodies are nested deeper than ${WORKFLOW_LIMITS.nesting}`,
    });
  if (ofThisType === deepest + 1)
    around.report.add({ code: 'too-many', at, message: `${type}s are nested deeper than ${deepest}` });
  return { ...around, depth: { bodies, ofType: { ...around.depth.ofType, [type]: ofThisType } } };
}

function checkNodeId(node: JsonObject, at: Path, { report, places }: ScopeSurroundings): NodeId | null {
  const { id } = node;
  if (id === undefined && isMisspelt('id', node)) return null;
  if (!isId(id)) {
    report.add(
      id === undefined
        ? { code: 'missing-key', at, message: '`id` is missing' }
        : { code: 'bad-id', at: [...at, 'id'], message: `${JSON.stringify(id)} is not an id` },
    );
    return null;
  }
  if (places.has(id)) {
    report.add({
      code: 'duplicate-id',
      at: [...at, 'id'],
      message: `the id ${JSON.stringify(id)} is taken by another node`,
    });
    return null;
  }
  places.set(id, at);
  return id as NodeId; // the grammar was checked
}

function checkType(node: JsonObject, at: Path, { report, own }: ScopeSurroundings) {
  const { type: name } = node;
  const type = typeof name === 'string' && own.has(name) ? name : nodeTypeOf(name);
  if (name === undefined && isMisspelt('type', node)) return null;
  if (name === undefined) report.add({ code: 'missing-key', at, message: '`type` is missing' });
  else if (type === null)
    report.add({
      code: 'unknown-type',
      at: [...at, 'type'],
      message: `${JSON.stringify(name)} is not a node type`,
      mend: mendOfType(name, [...own.keys()]),
    });
  else if (type !== name)
    report.add({
      code: 'type-alias',
      at: [...at, 'type'],
      message: `${JSON.stringify(name)} is an old name`,
      mend: `write ${JSON.stringify(type)}`,
    });
  return type;
}

function mendOfType(name: Json, own: readonly string[]): string {
  const types = [...NODE_TYPES, ...own];
  const nearest = nearestName(String(name), types);
  const known = `known are ${types.join(', ')}`;
  if (nearest !== undefined) return `did you mean ${JSON.stringify(nearest)}? ${known}`;
  if (!isOwnType(name)) return known;
  const declared = own.length === 0 ? 'there are none' : `there are ${own.join(', ')}`;
  return `declare it in the folder of nodes (docs/own-nodes.md); ${declared}`;
}

function checkOutputKey(
  node: JsonObject,
  output: 'required' | 'optional' | 'none',
  at: Path,
  report: Report,
): string | null {
  const { output_key: key } = node;
  if (key === undefined) {
    if (output === 'required' && !isMisspelt('output_key', node))
      report.add({
        code: 'missing-key',
        at,
        message: '`output_key` is missing',
        mend: 'name the field that takes the result',
      });
    return null;
  }
  if (output === 'none')
    report.add({
      code: 'unknown-key',
      at: [...at, 'output_key'],
      message: 'this node type has no result to store',
    });
  if (typeof key === 'string') checkFieldName(key, [...at, 'output_key'], report);
  else
    report.add({
      code: 'wrong-shape',
      at: [...at, 'output_key'],
      message: '`output_key` is the name of a field',
    });
  return typeof key === 'string' ? key : null;
}

function checkReads(reads: Json | undefined, at: Path, report: Report): readonly string[] {
  if (reads === undefined) return [];
  if (Array.isArray(reads) && reads.every((name) => typeof name === 'string')) return reads;
  report.add({ code: 'wrong-shape', at: [...at, 'reads'], message: '`reads` is a list of field names' });
  return [];
}
