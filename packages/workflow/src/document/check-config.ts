import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { CONTROL_FIELDS, FORBIDDEN_KEYS, RESERVED_INPUT_FIELDS } from '@statebag/contracts/control-fields';
import { isId } from '@statebag/contracts/ids';
import { WORKFLOW_LIMITS } from '@statebag/contracts/limits';
import { nearestName } from '../expressions/nearest-name.ts';
import {
  BUDGET_RULES,
  type ConfigRule,
  type ConfigRules,
  FILE_RULES,
  RETRY_RULES,
  type RuleKind,
} from '../nodes/config-rules.ts';
import { isScopedField } from '../nodes/field-scope.ts';
import { isProgressField } from '../nodes/flow.ts';
import { PROVIDER_NAMES } from '../providers/create-providers.ts';
import { problemsOfSchema } from './check-schema.ts';
import { checkText, refuseBrackets, type TextChecking } from './check-text.ts';
import type { Path, Report } from './diagnostics.ts';
import type { ReadBeside } from './read-beside.ts';
import { shownKind } from './readable-json.ts';
import type { Scope } from './workflow.ts';

/** What checking a config needs from around it. */
export interface ConfigSurroundings extends Pick<TextChecking, 'report' | 'parse' | 'texts' | 'outputKey'> {
  readonly readFile: ReadBeside;
  readonly checkScope: (value: Json, at: Path) => Scope;
}

/**
 * The config with every file read in and every nested scope checked; keys the rules do not know are reported
 * and left out.
 */
export function checkConfig(
  config: JsonObject,
  rules: ConfigRules,
  at: Path,
  around: ConfigSurroundings,
): JsonObject {
  const checked: Record<string, Json> = {};
  const misspelt = misspeltKeys(config, rules);
  for (const [key, value] of Object.entries(config)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule) checked[key] = CHECKS[rule.kind](value, { ...around, rule, at: [...at, key] });
    else
      around.report.add({
        code: 'unknown-key',
        at: [...at, key],
        message: `\`${key}\` is not known here`,
        mend: mendOfKey(key, rules, misspelt),
      });
  }
  for (const [key, rule] of Object.entries(rules)) {
    if (rule.filled !== undefined && !Object.hasOwn(config, key)) checked[key] = rule.filled;
    if (rule.required && !Object.hasOwn(config, key) && !misspelt.has(key))
      around.report.add({
        code: 'missing-key',
        at,
        message: `\`${key}\` is missing`,
        mend: `add it: ${rule.doc}`,
      });
  }
  return checked;
}

/** Keys that are not there, each with the unknown key that was meant for it: one mistake, said once. */
export function misspeltKeys(config: JsonObject, rules: ConfigRules): ReadonlyMap<string, string> {
  const absent = Object.keys(rules).filter((key) => !Object.hasOwn(config, key));
  const unknown = Object.keys(config).filter((key) => !Object.hasOwn(rules, key));
  return new Map(
    unknown.flatMap((key) => {
      const meant = nearestName(key, absent);
      return meant === undefined ? [] : [[meant, key] as const];
    }),
  );
}

function mendOfKey(key: string, rules: ConfigRules, misspelt: ReadonlyMap<string, string>): string {
  const [meant] = [...misspelt].find(([, written]) => written === key) ?? [];
  return meant === undefined ? `known are ${Object.keys(rules).join(', ')}` : `did you mean \`${meant}\`?`;
}

interface Checking extends ConfigSurroundings, TextChecking {}

/** By kind: reports what is wrong and gives the value as it is kept. */
const CHECKS = {
  text: checkPlain,
  provider: checkProvider,
  template: checkTemplate,
  expression: checkExpression,
  value: (value, checking) => checkEvaluated(value, checking),
  values: (value, checking) => {
    if (!isJsonObject(value)) return wrong(value, 'an object', checking);
    for (const field of Object.keys(value)) checkFieldName(field, [...checking.at, field], checking.report);
    return checkEvaluated(value, checking);
  },
  integer: (value, checking) =>
    Number.isInteger(value) ? inRange(value, checking) : wrong(value, 'a whole number', checking),
  number: (value, checking) =>
    typeof value === 'number' ? inRange(value, checking) : wrong(value, 'a number', checking),
  flag: (value, checking) => (typeof value === 'boolean' ? value : wrong(value, 'true or false', checking)),
  choice: (value, checking) =>
    typeof value === 'string' && checking.rule.of?.includes(value)
      ? value
      : wrong(value, `one of ${checking.rule.of?.join(', ')}`, checking),
  field: (value, checking) => checkField(value, checking),
  names: (value, checking) => checkNames(value, checking),
  schema: (value, checking) =>
    isJsonObject(value) ? checkSchema(value, checking) : wrong(value, 'a JSON Schema', checking),
  body: checkBody,
  branches: checkBranches,
  cases: checkCases,
  node: (value, checking) => (typeof value === 'string' ? value : wrong(value, 'the id of a node', checking)),
  words: (value, checking) =>
    Array.isArray(value) && value.length > 0 && value.every((word) => isWordOf(checking.rule, word))
      ? value
      : wrong(value, `a list of some of ${checking.rule.of?.join(', ')}`, checking),
  retry: (value, checking) =>
    isJsonObject(value)
      ? checkConfig(value, RETRY_RULES, checking.at, checking)
      : wrong(value, '{ attempts, interval_s?, backoff?, errors? }', checking),
  files: (value, checking) =>
    Array.isArray(value) && value.length > 0 && value.every(isJsonObject)
      ? value.map((file, index) => checkConfig(file, FILE_RULES, [...checking.at, index], checking))
      : wrong(value, 'a list of { "file_from": "<field>" }', checking),
  limits: (value, checking) =>
    isJsonObject(value) ? value : wrong(value, '{ "<node>": { "max_cost_usd": 0.5 } }', checking),
  budget: (value, checking) =>
    isJsonObject(value) && isId(value['name'])
      ? checkConfig(value, BUDGET_RULES, checking.at, checking)
      : wrong(value, '{ name, max_cost_usd?, max_tokens? } with an id as its name', checking),
} as const satisfies Record<RuleKind, (value: Json, checking: Checking) => Json>;

function wrong(value: Json, expected: string, { report, at }: Checking): Json {
  const mend = at[0] === 'options' ? 'docs/workflow-format.md' : 'docs/node-types.md';
  report.add({
    code: 'wrong-shape',
    at,
    message: `${expected} is needed here, not ${shownKind(value)}`,
    mend: `write ${expected}; see ${mend}`,
  });
  return value;
}

function isWordOf({ of = [] }: ConfigRule, word: Json): boolean {
  return typeof word === 'string' && of.includes(word);
}

function inRange(value: Json, { rule, at, report }: Checking): Json {
  const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = rule;
  if (Number(value) < least || Number(value) > most)
    report.add({ code: 'out-of-range', at, message: `${String(value)} is not between ${least} and ${most}` });
  return value;
}

/** A text that is taken as it is. */
function checkPlain(value: Json, checking: Checking): Json {
  if (typeof value !== 'string') return wrong(value, 'a text', checking);
  refuseBrackets(value, checking);
  return value;
}

function checkProvider(value: Json, checking: Checking): Json {
  if (typeof value !== 'string') return wrong(value, 'the name of a provider', checking);
  if (PROVIDER_NAMES.includes(value)) return value;
  const nearest = nearestName(value, PROVIDER_NAMES);
  const known = `known are ${PROVIDER_NAMES.join(', ')}; see docs/providers.md`;
  checking.report.add({
    code: 'unknown-provider',
    at: checking.at,
    message: `there is no provider ${JSON.stringify(value)}`,
    mend: nearest === undefined ? known : `did you mean ${JSON.stringify(nearest)}? ${known}`,
  });
  return value;
}

/** A long text may lie in a file of its own. */
function checkTemplate(value: Json, checking: Checking): Json {
  if (typeof value === 'string') return checkEvaluated(value, checking);
  const file = isJsonObject(value) && Object.keys(value).length === 1 ? value['file'] : undefined;
  if (typeof file !== 'string') return wrong(value, 'a text or { "file": "…" }', checking);
  const read = checking.readFile(file);
  if (read.ok) return checkEvaluated(read.text, { ...checking, beside: file });
  checking.report.add({ code: read.code, at: [...checking.at, 'file'], message: read.problem });
  return value;
}

/** Nodes and edges; or another workflow, which is read where it is used. */
function checkBody(value: Json, checking: Checking): Json {
  if (fileOf(value) === null) return checking.checkScope(value, checking.at);
  if (checking.rule.fromFile) return value;
  return wrong(value, 'a list of nodes (put a `subgraph` with the file into it)', checking);
}

/** The file that a value names in the place of a text or of nodes; null where it names none. */
export function fileOf(value: Json | undefined): string | null {
  if (!isJsonObject(value ?? null) || Object.keys(value ?? {}).length !== 1) return null;
  const { file } = value as JsonObject; // looked at above
  return typeof file === 'string' ? file : null;
}

function checkExpression(value: Json, checking: Checking): Json {
  if (typeof value !== 'string' || !/^\s*\{%[\s\S]*%\}\s*$/.test(value))
    return wrong(value, 'one expression "{% … %}"', checking);
  return checkEvaluated(value, checking);
}

/** Parses every text below, so that a bad expression is found before anything runs. */
function checkEvaluated(value: Json, checking: Checking): Json {
  if (typeof value === 'string') checkText(value, checking);
  else if (Array.isArray(value))
    for (const [index, member] of value.entries())
      checkEvaluated(member, { ...checking, at: [...checking.at, index] });
  else if (isJsonObject(value))
    for (const [key, member] of Object.entries(value))
      checkEvaluated(member, { ...checking, at: [...checking.at, key] });
  return value;
}

/** A schema that cannot be checked against is found now, not when an answer was paid for. */
function checkSchema(schema: JsonObject, { report, at }: Checking): Json {
  for (const { at: inside, ...problem } of problemsOfSchema(schema))
    report.add({ ...problem, at: [...at, ...inside] });
  return schema;
}

function checkField(value: Json, checking: Checking): Json {
  if (typeof value !== 'string') return wrong(value, 'a field name', checking);
  checkFieldName(value, checking.at, checking.report);
  return value;
}

function checkNames(value: Json, checking: Checking): Json {
  if (!Array.isArray(value)) return wrong(value, 'a list of field names', checking);
  for (const [index, name] of value.entries()) checkField(name, { ...checking, at: [...checking.at, index] });
  return value;
}

function checkCases(value: Json, checking: Checking): Json {
  if (!Array.isArray(value) || value.length === 0) return wrong(value, 'a list of { when, to }', checking);
  for (const [index, way] of value.entries()) {
    const here = { ...checking, at: [...checking.at, index] };
    if (
      !isJsonObject(way) ||
      typeof way['to'] !== 'string' ||
      Object.keys(way).some((key) => key !== 'when' && key !== 'to')
    )
      wrong(way, '{ "when": "{% … %}", "to": "<node id>" }', here);
    else checkExpression(way['when'] ?? null, { ...here, at: [...here.at, 'when'] });
  }
  return value;
}

function checkBranches(value: Json, checking: Checking): Json {
  if (!Array.isArray(value) || value.length === 0) return wrong(value, 'a list of branches', checking);
  if (value.length > WORKFLOW_LIMITS.branches)
    checking.report.add({
      code: 'too-many',
      at: checking.at,
      message: `${value.length} branches; at most ${WORKFLOW_LIMITS.branches} are allowed`,
    });
  return value.map((branch, index) =>
    checkBranch(branch, { ...checking, at: [...checking.at, index] }, index),
  );
}

function checkBranch(branch: Json, checking: Checking, index: number): Json {
  if (!isJsonObject(branch)) return wrong(branch, '{ id?, nodes, edges?, optional? }', checking);
  const { id = `branch-${index}`, optional = false, ...scope } = branch;
  if (!isId(id))
    checking.report.add({
      code: 'bad-id',
      at: [...checking.at, 'id'],
      message: `${JSON.stringify(id)} is not an id`,
    });
  if (typeof optional !== 'boolean')
    wrong(optional, 'true or false', { ...checking, at: [...checking.at, 'optional'] });
  return { id, optional, flow: checking.checkScope(scope, checking.at) };
}

const REFUSED: ReadonlySet<string> = new Set([
  ...CONTROL_FIELDS,
  ...FORBIDDEN_KEYS,
  ...RESERVED_INPUT_FIELDS,
]);
const LONGEST_NAME = 256;

/** Reports a name that no field of the state may have. */
export function checkFieldName(name: string, at: Path, report: Report): void {
  if (REFUSED.has(name) || isProgressField(name) || isScopedField(name))
    report.add({ code: 'reserved-field', at, message: `${JSON.stringify(name)} is a reserved name` });
  if (name === '' || name.length > LONGEST_NAME)
    report.add({ code: 'reserved-field', at, message: `a field name has 1 to ${LONGEST_NAME} characters` });
}
