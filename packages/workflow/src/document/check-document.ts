import { isJsonObject, type Json, type JsonObject, REDUCERS, type ReducerName, WORKFLOW_LIMITS } from '@statebag/contracts';
import { compileFlow } from '../compile/compile-flow.ts';
import { cachedParser } from '../expressions/create-evaluator.ts';
import { parseText } from '../expressions/parse-text.ts';
import { analyseFlow } from './analyse-flow.ts';
import { checkConfig } from './check-config.ts';
import { checkFieldName } from './check-field-name.ts';
import { checkScope } from './check-scope.ts';
import type { ConfigRules } from './config-rules.ts';
import { createReport, DIAGNOSTICS, type Diagnostic, type Finding, type Path, pathText, type Report } from './diagnostics.ts';
import { forbiddenKeyIn, isTooDeep, TOO_DEEP } from './readable-json.ts';
import type { Workflow, WorkflowOptions } from './workflow.ts';

/** A place in a text, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A document's file name, for messages, and a way to the files beside it. */
export interface DocumentSource {
  readonly file: string;
  /** Text of a file, by its path relative to the document; null where there is none. */
  readonly readFile?: (path: string) => string | null;
}

/** The workflow, or null where an error stands among the diagnostics. */
export interface ReadWorkflow {
  readonly workflow: Workflow | null;
  readonly diagnostics: readonly Diagnostic[];
}

const KEYS = ['$schema', 'name', 'version', 'description', 'nodes', 'edges', 'initial_state', 'state', 'options'];

/** Checks a document that came as a value. Every problem is reported, not the first only; none has a line, since there is no text. */
export function readDocument(document: JsonObject, source: DocumentSource): ReadWorkflow {
  const problem = isTooDeep(document) ? TOO_DEEP : forbiddenKeyIn(document);
  if (problem !== undefined) return { workflow: null, diagnostics: [unreadable(problem, source.file)] };
  return checkedWorkflow(document, source, () => null);
}

/** The same for what was read already; `locate` says where in its text a part stands. */
export function checkedWorkflow(value: Json, source: DocumentSource, locate: (path: Path) => Place | null): ReadWorkflow {
  const report = createReport();
  const places = new Map<string, Path>();
  const parse = cachedParser();
  const workflow = checkDocument(value, { report, places, parse, depth: { bodies: 0, subgraphs: 0 }, readFile: confined(source.readFile) });
  if (workflow && report.isSound()) {
    const flow = compileFlow(workflow, { reducers: workflow.reducers, parse });
    analyseFlow(flow, workflow, { report, places });
  }
  const diagnostics = report.findings.map((finding) => located(finding, source.file, locate(finding.at)));
  return { workflow: report.hasErrors() ? null : workflow, diagnostics };
}

/** What stands for a document that is none. */
export function unreadable(message: string, file: string, place: Place | null = null): Diagnostic {
  return located({ code: 'unreadable', at: [], message }, file, place);
}

function located(finding: Finding, file: string, place: Place | null): Diagnostic {
  const { severity, mend } = DIAGNOSTICS[finding.code];
  const { line, column } = place ?? { line: 0, column: 0 };
  return { code: finding.code, severity, file, path: pathText(finding.at), line, column, message: finding.message, mend: finding.mend ?? mend };
}

/** A path must stay beside or below the document. */
function confined(readFile: DocumentSource['readFile']): (path: string) => string | null {
  return (path) => (/^(?:[A-Za-z]:|[\\/])|(?:^|[\\/])\.\.(?:[\\/]|$)/.test(path) ? null : (readFile?.(path) ?? null));
}

function checkDocument(value: Json, around: Parameters<typeof checkScope>[2]): Workflow | null {
  const { report, places } = around;
  if (!isJsonObject(value)) {
    report.add({ code: 'wrong-shape', at: [], message: 'a workflow is an object' });
    return null;
  }
  for (const key of Object.keys(value)) {
    if (!KEYS.includes(key))
      report.add({ code: 'unknown-key', at: [key], message: `\`${key}\` is not a key of a workflow`, mend: `known are ${KEYS.join(', ')}` });
  }
  const scope = checkScope(value, [], around);
  checkSize(places.size, scope.edges.length, report);
  return {
    ...scope,
    name: checkText(value, 'name', report) ?? '',
    version: checkText({ version: '1', ...value }, 'version', report) ?? '',
    initial_state: checkInitialState(value['initial_state'] ?? {}, report),
    reducers: checkReducers(value['state'] ?? {}, report),
    fields: declaredFields(value['state']),
    options: checkOptions(value['options'] ?? {}, report),
  };
}

function checkSize(nodes: number, edges: number, report: Report): void {
  if (nodes > WORKFLOW_LIMITS.nodes) report.add({ code: 'too-many', at: ['nodes'], message: `${nodes} nodes; at most ${WORKFLOW_LIMITS.nodes} are allowed` });
  if (edges > WORKFLOW_LIMITS.edges) report.add({ code: 'too-many', at: ['edges'], message: `${edges} edges; at most ${WORKFLOW_LIMITS.edges} are allowed` });
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
  return state;
}

function checkReducers(state: Json, report: Report): Workflow['reducers'] {
  if (!isJsonObject(state)) {
    report.add({ code: 'wrong-shape', at: ['state'], message: '`state` is { "reducers": {…}, "schema": {…} }' });
    return {};
  }
  for (const key of Object.keys(state)) {
    if (key !== 'reducers' && key !== 'schema')
      report.add({ code: 'unknown-key', at: ['state', key], message: `\`${key}\` is not a key of \`state\``, mend: 'known are reducers, schema' });
  }
  const reducers = isJsonObject(state['reducers']) ? state['reducers'] : {};
  return Object.fromEntries(Object.entries(reducers).flatMap(([field, name]) => checkReducer(field, name, report)));
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

/** What a workflow may set about its own running. */
export const OPTION_RULES = {
  llm_per_segment: { kind: 'integer', least: 1, most: 500, doc: 'Nodes with outside calls in one segment at most; without it as many as fit the time.' },
  max_loop_iterations: { kind: 'integer', least: 1, most: 1_000_000, doc: 'Segment results a run may apply; worked out from the workflow if not given.' },
  max_branch_iterations: { kind: 'integer', least: 1, most: 1_000_000, doc: 'Segment results a branch may apply.' },
  max_concurrency: { kind: 'integer', least: 1, most: 40, doc: 'Branches or map items at once; 10 if not given.' },
} as const satisfies ConfigRules;

function checkOptions(options: Json, report: Report): WorkflowOptions {
  if (!isJsonObject(options)) {
    report.add({ code: 'wrong-shape', at: ['options'], message: '`options` is an object' });
    return {};
  }
  const checked = checkConfig(options, OPTION_RULES, ['options'], {
    report,
    parse: parseText,
    readFile: () => null,
    checkScope: () => ({ nodes: [], edges: [] }),
  });
  return checked as WorkflowOptions; // the rules are those of the type
}
