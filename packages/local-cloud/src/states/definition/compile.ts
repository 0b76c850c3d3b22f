import { STATE_KINDS } from '../kinds/state-kinds.ts';
import { compileDataFlow } from '../language/data-flow.ts';
import { isObject, type Json } from '../language/json.ts';
import { LIMITS } from '../limits.ts';
import type { Diagnostic } from './diagnostics.ts';
import { readCatchers, readRetriers } from './error-handling.ts';
import { lintExpress, lintNames, lintTransitions } from './lint-program.ts';
import { type Program, STATE_TYPES, type State, type StateType } from './program.ts';
import { Reader } from './reader.ts';

const MACHINE_FIELDS = ['Comment', 'StartAt', 'States', 'TimeoutSeconds', 'Version', 'QueryLanguage'];
const STATE_FIELDS = ['Type', 'Comment', 'QueryLanguage'];

/** What became of a definition. The program is only to be run when no finding is an error. */
export interface Compilation {
  readonly program: Program;
  readonly findings: readonly Diagnostic[];
}

/** Compiles a definition and says everything that is wrong with it, each with its place. */
export function compileDefinition(text: string, type: 'STANDARD' | 'EXPRESS' = 'STANDARD'): Compilation {
  const findings: Diagnostic[] = [];
  const empty: Program = { startAt: '', states: new Map(), timeoutSeconds: undefined };
  const raw = parseDefinition(text, findings);
  if (raw === undefined) return { program: empty, findings };
  const machine = new Reader(raw, '', findings);
  machine.allow(MACHINE_FIELDS);
  if (machine.has('Version') && machine.text('Version') !== '1.0') machine.report("Expected '1.0'", { field: 'Version' });
  refuseOtherLanguages(machine);
  const program = compileProgram(machine);
  lintNames(program, machine);
  if (type === 'EXPRESS') lintExpress(program, machine);
  return { program, findings };
}

function parseDefinition(text: string, findings: Diagnostic[]): Readonly<Record<string, Json>> | undefined {
  try {
    const raw: unknown = JSON.parse(text);
    if (isObject(raw)) return raw;
    findings.push({ severity: 'ERROR', code: 'INVALID_JSON_DESCRIPTION', message: 'The definition has to be a JSON object', location: '' });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    findings.push({ severity: 'ERROR', code: 'INVALID_JSON_DESCRIPTION', message, location: '' });
  }
  return undefined;
}

/** Compiles what has StartAt and States: the machine, a branch, an item processor. The caller says which fields are allowed. */
export function compileProgram(source: Reader): Program {
  const startAt = source.requiredText('StartAt');
  const list = source.object('States');
  if (!list) source.report('These fields are required: [States]');
  const states = new Map<string, State>();
  for (const name of Object.keys(list?.raw ?? {})) {
    const state = list?.object(name);
    if (state) states.set(name, compileState(name, state));
  }
  const program = { startAt, states, timeoutSeconds: source.integer('TimeoutSeconds', { least: 1, most: LIMITS.longestWaitSeconds }) };
  lintTransitions(program, source);
  return program;
}

function compileState(name: string, state: Reader): State {
  const type = stateTypeOf(state);
  const kind = STATE_KINDS[type];
  refuseOtherLanguages(state);
  state.allow([...STATE_FIELDS, ...kind.flow, ...kind.fields, ...(kind.moves ? ['Next', 'End'] : []), ...(kind.recovers ? ['Retry', 'Catch'] : []), 'Assign']);
  if (name.length > LIMITS.stateNameLength) state.report(`A state name has at most ${LIMITS.stateNameLength} characters`);
  return {
    name,
    type,
    next: kind.moves ? readNext(state) : undefined,
    flow: compileDataFlow(state),
    retriers: kind.recovers ? readRetriers(state) : [],
    catchers: kind.recovers ? readCatchers(state) : [],
    behaviour: kind.compile(state),
  };
}

function stateTypeOf(state: Reader): StateType {
  const text = state.requiredText('Type');
  const type = STATE_TYPES.find((known) => known === text);
  if (type === undefined && text) state.report(`Unknown state type '${text}'; known are ${STATE_TYPES.join(', ')}`, { field: 'Type' });
  return type ?? 'Pass';
}

function readNext(state: Reader): string | undefined {
  const next = state.text('Next');
  const end = state.boolean('End') ?? false;
  if (next === undefined && !end) state.report("A state needs 'Next' or 'End': true");
  if (next !== undefined && end) state.report("A state has either 'Next' or 'End', not both");
  return next;
}

function refuseOtherLanguages(source: Reader): void {
  const language = source.text('QueryLanguage') ?? 'JSONPath';
  if (language !== 'JSONPath') {
    source.report(`the local cloud does not support the query language '${language}' yet`, { field: 'QueryLanguage', code: 'NOT_SUPPORTED_LOCALLY' });
  }
  source.refuseVariables();
}
