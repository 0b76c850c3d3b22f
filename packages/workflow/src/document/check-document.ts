import { posix } from 'node:path';
import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { WORKFLOW_LIMITS } from '@statebag/contracts/limits';
import { REDUCERS, type ReducerName } from '@statebag/contracts/statuses';
import { cachedParser, type ParseText } from '../expressions/create-evaluator.ts';
import { nearestName } from '../expressions/nearest-name.ts';
import type { OwnNodes } from '../own/own-nodes.ts';
import { checkFieldName } from './check-config.ts';
import { checkOptions } from './check-options.ts';
import { checkScope, type ScopeSurroundings } from './check-scope.ts';
import { refuseBrackets, type WrittenText } from './check-text.ts';
import { createReport, type Path, type Report, reportOnFile } from './diagnostics.ts';
import { belowFolder, NOTHING_BESIDE, type ReadBeside } from './read-beside.ts';
import { readText } from './read-text.ts';
import type { UsedFile } from './use-of-file.ts';
import type { Workflow } from './workflow.ts';

/** A document's file name, for messages, and a way to the files beside it. */
export interface DocumentSource {
  readonly file: string;
  /** The files beside it. Without it there are none. */
  readonly readFile?: ReadBeside;
  /** The node types of the project. Without them there are those of Statebag alone. */
  readonly nodes?: OwnNodes;
}

const KEYS = [
  '$schema',
  'name',
  'version',
  'description',
  'nodes',
  'edges',
  'initial_state',
  'state',
  'options',
];

/** A document as it was checked: what it says, what is wrong with it, and where its nodes stand. */
export interface CheckedDocument {
  /** Null where it has not even the shape of a workflow. */
  readonly workflow: Workflow | null;
  readonly report: Report;
  readonly places: ReadonlyMap<string, Path>;
  readonly parse: ParseText;
  /** Every text that is evaluated, nested ones too. */
  readonly texts: readonly WrittenText[];
}

/** Checks what stands in a document. Every problem is reported, not the first only. */
export function checkDocument(
  value: Json,
  { file, readFile = NOTHING_BESIDE, nodes = new Map() }: DocumentSource,
): CheckedDocument {
  const report = createReport();
  const places = new Map<string, Path>();
  const parse = cachedParser();
  const texts: WrittenText[] = [];
  const budget = { nodes: WORKFLOW_LIMITS.nodes };
  const around = surroundings({
    report,
    places,
    parse,
    texts,
    readFile,
    own: nodes,
    files: [],
    folder: posix.dirname(file),
    budget,
  });
  return { workflow: checkWorkflow(value, around), report, places, parse, texts };
}

/** The document, or a file that it uses, while it is checked. */
interface Checked {
  readonly report: Report;
  readonly places: Map<string, Path>;
  readonly parse: ParseText;
  readonly texts: WrittenText[];
  readonly readFile: ReadBeside;
  readonly own: OwnNodes;
  /** The files that this one is used by, itself the last. */
  readonly files: readonly string[];
  /** Where the document lies, for messages. */
  readonly folder: string;
  /** Nodes that uses may still bring in: files that use files often would be read without end. */
  readonly budget: { nodes: number };
}

function surroundings(checked: Checked, depth = NOT_NESTED): ScopeSurroundings {
  return {
    ...checked,
    depth,
    reducers: new Map(),
    given: new Set(),
    readUsed: (file, at, below) => readUsed(file, at, { ...checked, depth: below }),
  };
}

const NOT_NESTED: ScopeSurroundings['depth'] = { bodies: 0, ofType: {} };

interface Using extends Checked {
  readonly depth: ScopeSurroundings['depth'];
}

function readUsed(named: string, at: Path, using: Using): UsedFile | null {
  const { report, readFile, files, folder, budget, depth } = using;
  const file = posix.join(posix.dirname(files.at(-1) ?? ''), named);
  if (files.includes(file)) {
    const message = `${JSON.stringify(file)} uses itself: ${[...files, file].join(' → ')}`;
    report.add({ code: 'file-uses-itself', at, message });
    return null;
  }
  const beside = readFile(named);
  if (!beside.ok) {
    report.add({ code: beside.code, at, message: beside.problem });
    return null;
  }
  if (budget.nodes <= 0) {
    const message = `the files used here bring in more than ${WORKFLOW_LIMITS.nodes} nodes`;
    report.add({ code: 'too-many', at, message });
    return null;
  }
  const shown = posix.join(folder, file);
  const read = readText(beside.text, file);
  if (!read.ok) {
    for (const { line, column, at: inside, ...problem } of read.problems)
      report.add({ ...problem, at: [{ file: shown, locate: () => ({ line, column }) }, ...inside] });
    return null;
  }
  const source = { file: shown, locate: read.locate };
  const places = new Map<string, Path>();
  const texts: WrittenText[] = [];
  const inner = {
    ...using,
    report: reportOnFile(report, source),
    places,
    texts,
    files: [...files, file],
    readFile: belowFolder(posix.dirname(named), readFile),
  };
  const workflow = checkWorkflow(read.value, surroundings(inner, depth));
  using.texts.push(...texts.map((text) => ({ ...text, at: [source, ...text.at] })));
  budget.nodes -= Math.max(1, places.size);
  return workflow && report.isSound() ? { workflow, source, places } : null;
}

function checkWorkflow(value: Json, around: ScopeSurroundings): Workflow | null {
  const { report, places } = around;
  if (!isJsonObject(value)) {
    report.add({ code: 'wrong-shape', at: [], message: 'a workflow is an object' });
    return null;
  }
  for (const key of Object.keys(value)) {
    if (!KEYS.includes(key))
      report.add({
        code: 'unknown-key',
        at: [key],
        message: `\`${key}\` is not a key of a workflow`,
        mend: mendOfKey(key, value),
      });
  }
  const scope = checkScope(value, [], around);
  checkSize(places.size, scope.edges.length, report);
  return {
    ...scope,
    name: checkText(value, 'name', report) ?? '',
    version: checkText({ version: '1', ...value }, 'version', report) ?? '',
    initial_state: checkInitialState(value['initial_state'] ?? {}, report),
    reducers: { ...checkReducers(value['state'] ?? {}, report), ...Object.fromEntries(around.reducers) },
    fields: [...declaredFields(value['state']), ...[...around.given].sort()],
    options: checkOptions(value['options'] ?? {}, report, scope),
  };
}

function mendOfKey(key: string, workflow: JsonObject): string {
  const absent = KEYS.filter((known) => !Object.hasOwn(workflow, known));
  const nearest = nearestName(key, absent);
  return nearest === undefined ? `known are ${KEYS.join(', ')}` : `did you mean \`${nearest}\`?`;
}

function checkSize(nodes: number, edges: number, report: Report): void {
  if (nodes > WORKFLOW_LIMITS.nodes)
    report.add({
      code: 'too-many',
      at: ['nodes'],
      message: `${nodes} nodes; at most ${WORKFLOW_LIMITS.nodes} are allowed`,
    });
  if (edges > WORKFLOW_LIMITS.edges)
    report.add({
      code: 'too-many',
      at: ['edges'],
      message: `${edges} edges; at most ${WORKFLOW_LIMITS.edges} are allowed`,
    });
}

function checkText(value: JsonObject, key: string, report: Report): string | null {
  const text = value[key];
  if (typeof text === 'string' && text.length > 0 && text.length <= 128) return text;
  report.add(
    text === undefined
      ? { code: 'missing-key', at: [], message: `\`${key}\` is missing` }
      : { code: 'wrong-shape', at: [key], message: `\`${key}\` is a text of 1 to 128 characters` },
  );
  return null;
}

function checkInitialState(state: Json, report: Report): JsonObject {
  if (!isJsonObject(state)) {
    report.add({ code: 'wrong-shape', at: ['initial_state'], message: '`initial_state` is an object' });
    return {};
  }
  for (const field of Object.keys(state)) checkFieldName(field, ['initial_state', field], report);
  remarkOnBrackets(state, ['initial_state'], report);
  return state;
}

/** The state before the first node is taken as it is. */
function remarkOnBrackets(value: Json, at: Path, report: Report): void {
  if (typeof value === 'string') refuseBrackets(value, { at, report });
  else if (Array.isArray(value))
    for (const [index, member] of value.entries()) remarkOnBrackets(member, [...at, index], report);
  else if (isJsonObject(value))
    for (const [key, member] of Object.entries(value)) remarkOnBrackets(member, [...at, key], report);
}

function checkReducers(state: Json, report: Report): Workflow['reducers'] {
  if (!isJsonObject(state)) {
    report.add({
      code: 'wrong-shape',
      at: ['state'],
      message: '`state` is { "reducers": {…}, "schema": {…} }',
    });
    return {};
  }
  for (const key of Object.keys(state)) {
    if (key !== 'reducers' && key !== 'schema')
      report.add({
        code: 'unknown-key',
        at: ['state', key],
        message: `\`${key}\` is not a key of \`state\``,
        mend: 'known are reducers, schema',
      });
  }
  const reducers = isJsonObject(state['reducers']) ? state['reducers'] : {};
  return Object.fromEntries(
    Object.entries(reducers).flatMap(([field, name]) => checkReducer(field, name, report)),
  );
}

function declaredFields(state: Json | undefined): readonly string[] {
  const schema = isJsonObject(state) ? state['schema'] : undefined;
  const properties = isJsonObject(schema) ? schema['properties'] : undefined;
  return isJsonObject(properties) ? Object.keys(properties).sort() : [];
}

function checkReducer(field: string, name: Json, report: Report): [string, ReducerName][] {
  const known = REDUCERS.find((reducer) => reducer === name);
  if (known) return [[field, known]];
  report.add({
    code: 'wrong-shape',
    at: ['state', 'reducers', field],
    message: `${JSON.stringify(name)} is not a reducer`,
    mend: `known are ${REDUCERS.join(', ')}`,
  });
  return [];
}
