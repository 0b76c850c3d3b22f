import { assignedName, compileDataFlow } from '../language/data-flow.ts';
import { checkFields } from '../language/fields.ts';
import { isObject, type Json } from '../language/json.ts';
import { type Diagnostic, type Language, Reader } from '../language/reader.ts';
import { LIMITS } from '../ports/limits.ts';
import type { Apis } from '../ports/services.ts';
import { STATE_TYPES, type StateType } from '../program/execution.ts';
import type { AssignedPlace, Program, State } from '../program/program.ts';
import { readCatchers, readRetriers } from './error-handling.ts';
import { lintCalls, lintExpress, lintNames, lintTransitions, lintVariables } from './lint-program.ts';
import { MACHINE_FIELDS, STATE_KINDS, stateFields } from './state-fields.ts';

/** What became of a definition. The program is only to be run when no finding is an error. */
export interface Compilation {
  readonly program: Program;
  readonly findings: readonly Diagnostic[];
}

/**
 * Compiles a definition and says everything that is wrong with it, each with its place. `apis` has the calls
 * of tasks.
 */
export function compileDefinition(
  text: string,
  { type = 'STANDARD', apis }: { type?: 'STANDARD' | 'EXPRESS'; apis?: Pick<Apis, 'refusal'> } = {},
): Compilation {
  const findings: Diagnostic[] = [];
  const empty: Program = { startAt: '', states: new Map(), timeoutSeconds: undefined };
  const raw = parseDefinition(text, findings);
  if (raw === undefined) return { program: empty, findings };
  const machine = new Reader(raw, '', findings);
  checkFields(machine, MACHINE_FIELDS);
  const program = compileProgram(machine.in(languageOf(machine), { isMachine: true }));
  lintNames(program, machine);
  lintVariables(program, findings);
  if (apis) lintCalls(program, apis, machine);
  if (type === 'EXPRESS') lintExpress(program, machine);
  return { program, findings };
}

function parseDefinition(text: string, findings: Diagnostic[]): Readonly<Record<string, Json>> | undefined {
  try {
    const raw: unknown = JSON.parse(text);
    if (isObject(raw)) return raw;
    findings.push({
      severity: 'ERROR',
      code: 'INVALID_JSON_DESCRIPTION',
      message: 'The definition has to be a JSON object',
      location: '',
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    findings.push({ severity: 'ERROR', code: 'INVALID_JSON_DESCRIPTION', message, location: '' });
  }
  return undefined;
}

/**
 * Compiles what has StartAt and States: the machine, a branch, an item processor. The caller says which
 * fields are allowed.
 */
export function compileProgram(source: Reader): Program {
  const startAt = source.text('StartAt') ?? '';
  const list = source.object('States');
  const states = new Map<string, State>();
  for (const name of Object.keys(list?.raw ?? {})) {
    const state = list?.object(name);
    if (state) states.set(name, compileState(name, state.in(languageOf(state, state.machineLanguage))));
  }
  const program = {
    startAt,
    states,
    timeoutSeconds: source.integer('TimeoutSeconds', { least: 1, most: LIMITS.longestWaitSeconds }),
  };
  lintTransitions(program, source);
  return program;
}

function compileState(name: string, state: Reader): State {
  const type = stateTypeOf(state);
  const kind = STATE_KINDS[type];
  checkFields(state, stateFields(type));
  if (name.length > LIMITS.stateNameLength)
    state.report(`A state name has at most ${LIMITS.stateNameLength} characters`);
  return {
    name,
    type,
    next: kind.moves ? readNext(state) : undefined,
    flow: compileDataFlow(state),
    retriers: kind.recovers ? readRetriers(state) : [],
    catchers: kind.recovers ? readCatchers(state) : [],
    behaviour: kind.compile(state, compileProgram),
    assigns: [state, ...quietly(state, 'Catch'), ...quietly(state, 'Choices')].flatMap(assignedPlaces),
  };
}

/** The objects of a list that has been reported on elsewhere. */
function quietly(state: Reader, field: 'Catch' | 'Choices'): readonly Reader[] {
  return new Reader(state.raw, state.location, []).in(state.language).objects(field);
}

function assignedPlaces(holder: Reader): readonly AssignedPlace[] {
  const assign = holder.value('Assign');
  return Object.keys(isObject(assign) ? assign : {}).map((field) => ({
    variable: assignedName(field, holder.language),
    location: `${holder.location}/Assign/${field}`,
  }));
}

function stateTypeOf(state: Reader): StateType {
  const text = state.text('Type');
  const type = STATE_TYPES.find((known) => known === text);
  if (type === undefined && text !== undefined)
    state.report(`Unknown state type '${text}'; known are ${STATE_TYPES.join(', ')}`, { field: 'Type' });
  return type ?? 'Pass';
}

function readNext(state: Reader): string | undefined {
  const next = state.text('Next');
  const end = state.boolean('End') ?? false;
  if (next === undefined && !end) state.report("A state needs 'Next' or 'End': true");
  if (next !== undefined && end) state.report("A state has either 'Next' or 'End', not both");
  return next;
}

/** A state may be JSONata in a JSONPath machine, not the other way round. */
function languageOf(source: Reader, machine?: Language): Language {
  const named = source.text('QueryLanguage');
  if (named === undefined) return machine ?? 'JSONPath';
  const field = 'QueryLanguage';
  if (named !== 'JSONPath' && named !== 'JSONata')
    source.report("Expected 'JSONPath' or 'JSONata'", { field });
  if (named === 'JSONPath' && machine === 'JSONata')
    source.report("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
  return named === 'JSONata' ? 'JSONata' : 'JSONPath';
}
