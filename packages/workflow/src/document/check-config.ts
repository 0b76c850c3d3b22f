import { isId, isJsonObject, isStatebagError, type Json, type JsonObject, WORKFLOW_LIMITS } from '@statebag/contracts';
import type { ParseText } from '../expressions/create-evaluator.ts';
import { checkFieldName } from './check-field-name.ts';
import type { ConfigRule, ConfigRules, RuleKind } from './config-rules.ts';
import type { Path, Report } from './diagnostics.ts';
import type { Scope } from './workflow.ts';

/** What checking a config needs from around it. */
export interface ConfigSurroundings {
  readonly report: Report;
  /** Text of a file beside the workflow; null where there is none. */
  readonly readFile: (path: string) => string | null;
  readonly parse: ParseText;
  readonly checkScope: (value: Json, at: Path) => Scope;
}

/** The config with every file read in and every nested scope checked; keys the rules do not know are reported and left out. */
export function checkConfig(config: JsonObject, rules: ConfigRules, at: Path, around: ConfigSurroundings): JsonObject {
  const checked: Record<string, Json> = {};
  for (const [key, value] of Object.entries(config)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule) checked[key] = CHECKS[rule.kind](value, { rule, at: [...at, key], ...around });
    else
      around.report.add({
        code: 'unknown-key',
        at: [...at, key],
        message: `\`${key}\` is not known here`,
        mend: `known are ${Object.keys(rules).join(', ')}`,
      });
  }
  for (const [key, rule] of Object.entries(rules)) {
    if (rule.required && !Object.hasOwn(config, key))
      around.report.add({ code: 'missing-key', at, message: `\`${key}\` is missing`, mend: `add it: ${rule.doc}` });
  }
  return checked;
}

interface Checking extends ConfigSurroundings {
  readonly rule: ConfigRule;
  readonly at: Path;
}

/** By kind: reports what is wrong and gives the value as it is kept. */
const CHECKS = {
  text: (value, checking) => (typeof value === 'string' ? value : wrong(value, 'a text', checking)),
  template: checkTemplate,
  expression: checkExpression,
  value: (value, checking) => checkEvaluated(value, checking),
  values: (value, checking) => {
    if (!isJsonObject(value)) return wrong(value, 'an object', checking);
    for (const field of Object.keys(value)) checkFieldName(field, [...checking.at, field], checking.report);
    return checkEvaluated(value, checking);
  },
  integer: (value, checking) => (Number.isInteger(value) ? inRange(value, checking) : wrong(value, 'a whole number', checking)),
  number: (value, checking) => (typeof value === 'number' ? inRange(value, checking) : wrong(value, 'a number', checking)),
  flag: (value, checking) => (typeof value === 'boolean' ? value : wrong(value, 'true or false', checking)),
  choice: (value, checking) =>
    typeof value === 'string' && checking.rule.of?.includes(value) ? value : wrong(value, `one of ${checking.rule.of?.join(', ')}`, checking),
  names: (value, checking) => checkNames(value, checking),
  schema: (value, checking) => (isJsonObject(value) ? value : wrong(value, 'a JSON Schema', checking)),
  body: (value, { checkScope, at }) => checkScope(value, at),
  branches: checkBranches,
  cases: checkCases,
  node: (value, checking) => (typeof value === 'string' ? value : wrong(value, 'the id of a node', checking)),
} as const satisfies Record<RuleKind, (value: Json, checking: Checking) => Json>;

function wrong(value: Json, expected: string, { report, at }: Checking): Json {
  const met = value === null ? 'null' : Array.isArray(value) ? 'a list' : isJsonObject(value) ? 'an object' : JSON.stringify(value).slice(0, 60);
  report.add({ code: 'wrong-shape', at, message: `${expected} is needed here, not ${met}` });
  return value;
}

function inRange(value: Json, { rule, at, report }: Checking): Json {
  const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = rule;
  if (Number(value) < least || Number(value) > most) report.add({ code: 'out-of-range', at, message: `${String(value)} is not between ${least} and ${most}` });
  return value;
}

/** A long text may lie in a file of its own. */
function checkTemplate(value: Json, checking: Checking): Json {
  if (typeof value === 'string') return checkEvaluated(value, checking);
  const file = isJsonObject(value) && Object.keys(value).length === 1 ? value['file'] : undefined;
  if (typeof file !== 'string') return wrong(value, 'a text or { "file": "…" }', checking);
  const text = checking.readFile(file);
  if (text !== null) return checkEvaluated(text, checking);
  checking.report.add({ code: 'file-not-found', at: [...checking.at, 'file'], message: `there is no file ${JSON.stringify(file)}` });
  return value;
}

function checkExpression(value: Json, checking: Checking): Json {
  if (typeof value !== 'string' || !/^\s*\{%[\s\S]*%\}\s*$/.test(value)) return wrong(value, 'one expression "{% … %}"', checking);
  return checkEvaluated(value, checking);
}

/** Parses every text below, so that a bad expression is found before anything runs. */
function checkEvaluated(value: Json, checking: Checking): Json {
  if (typeof value === 'string') checkText(value, checking);
  else if (Array.isArray(value)) for (const [index, member] of value.entries()) checkEvaluated(member, { ...checking, at: [...checking.at, index] });
  else if (isJsonObject(value)) for (const [key, member] of Object.entries(value)) checkEvaluated(member, { ...checking, at: [...checking.at, key] });
  return value;
}

function checkText(text: string, { report, at, parse }: Checking): void {
  try {
    const parsed = parse(text);
    if (parsed.kind !== 'expression' && text.includes('{%')) {
      report.add({ code: 'bad-expression', at, message: '"{% … %}" must be the whole text', mend: 'inside of a text use {{ … }}' });
    }
  } catch (error) {
    if (!isStatebagError(error)) throw error;
    report.add({ code: 'bad-expression', at, message: error.message });
  }
}

function checkNames(value: Json, checking: Checking): Json {
  if (!Array.isArray(value)) return wrong(value, 'a list of field names', checking);
  for (const [index, name] of value.entries()) {
    if (typeof name === 'string') checkFieldName(name, [...checking.at, index], checking.report);
    else wrong(name, 'a field name', { ...checking, at: [...checking.at, index] });
  }
  return value;
}

function checkCases(value: Json, checking: Checking): Json {
  if (!Array.isArray(value) || value.length === 0) return wrong(value, 'a list of { when, to }', checking);
  for (const [index, way] of value.entries()) {
    const here = { ...checking, at: [...checking.at, index] };
    if (!isJsonObject(way) || typeof way['to'] !== 'string' || Object.keys(way).some((key) => key !== 'when' && key !== 'to'))
      wrong(way, '{ "when": "{% … %}", "to": "<node id>" }', here);
    else checkExpression(way['when'] ?? null, { ...here, at: [...here.at, 'when'] });
  }
  return value;
}

function checkBranches(value: Json, checking: Checking): Json {
  if (!Array.isArray(value) || value.length === 0) return wrong(value, 'a list of branches', checking);
  if (value.length > WORKFLOW_LIMITS.branches)
    checking.report.add({ code: 'too-many', at: checking.at, message: `${value.length} branches; at most ${WORKFLOW_LIMITS.branches} are allowed` });
  return value.map((branch, index) => checkBranch(branch, { ...checking, at: [...checking.at, index] }, index));
}

function checkBranch(branch: Json, checking: Checking, index: number): Json {
  if (!isJsonObject(branch)) return wrong(branch, '{ id?, nodes, edges?, optional? }', checking);
  const { id = `branch-${index}`, optional = false, ...scope } = branch;
  if (!isId(id)) checking.report.add({ code: 'bad-id', at: [...checking.at, 'id'], message: `${JSON.stringify(id)} is not an id` });
  if (typeof optional !== 'boolean') wrong(optional, 'true or false', { ...checking, at: [...checking.at, 'optional'] });
  return { id, optional, flow: checking.checkScope(scope, checking.at) };
}
