import { compileDefinition } from '../definition/compile.ts';
import { apiErrors } from '../engine/api-errors.ts';
import type { Engine } from '../engine/engine.ts';
import { type TestedState, type TestOutcome, testState } from '../engine/test-state.ts';
import type { TestedMap } from '../engine/tested-map.ts';
import { checkMockedResult } from '../integrations/mocked-results.ts';
import { isArray, isObject, type Json, type JsonObject, parseJson } from '../language/json.ts';
import { Payload } from '../language/payload.ts';
import { describeDiagnostics } from '../language/reader.ts';
import { StatesError } from '../language/states-error.ts';
import { LIMITS } from '../ports/limits.ts';
import type { Apis, JsonActions } from '../ports/services.ts';
import type { MapInspection } from '../program/map-run.ts';
import type { Program, State } from '../program/program.ts';
import { Request } from './request.ts';

/** How the one state of a definition without a name is called. */
const UNNAMED = 'StateName';

/** TestState: one state, alone or in its machine, with real or mocked work. */
export function testActions(engine: Engine): JsonActions {
  return {
    async TestState(input) {
      const request = new Request(input);
      const state = stateOf(engine, request);
      const given = Payload.fromText(request.text('input') ?? '{}');
      const mock = readMock(request, { state, apis: engine.apis });
      checkTestable(state, mock !== undefined);
      if (mock === undefined && request.has('context'))
        throw apiErrors.validation("'context' can only be given with a mock");
      const map = mapConfiguration(request, state);
      const outcome = await testState(engine, {
        state,
        input: checked(given),
        role: request.text('roleArn') ?? '',
        variables: objectIn(request, 'variables'),
        context: objectIn(request, 'context'),
        mock,
        retries: configurationOf(request).integer('retrierRetryCount', { least: 0, most: 99_999_999 }) ?? 0,
        map,
      });
      checkFailures(outcome, map);
      return answerOf(request, { state, outcome, input: given });
    },
  };
}

function checked(input: Payload): Payload {
  try {
    void input.value;
  } catch (error) {
    throw apiErrors.invalidExecutionInput(error instanceof Error ? error.message : String(error));
  }
  return input;
}

/** The definition is a state, or a machine of which `stateName` names one. */
function stateOf(engine: Engine, request: Request): State {
  const text = request.requiredText('definition');
  const name = request.text('stateName');
  const raw = definitionIn(text);
  const isMachine = isObject(raw['States']);
  if (!isMachine && name !== undefined)
    throw apiErrors.validation("'stateName' needs the definition of a state machine");
  if (isMachine && name === undefined)
    throw apiErrors.validation("A state machine is only tested with 'stateName'");
  const { program, findings } = compileDefinition(isMachine ? text : JSON.stringify(machineOf(raw)), {
    apis: engine.apis,
  });
  const errors = findings.filter(
    ({ severity, code }) => severity === 'ERROR' && (isMachine || !ABOUT_OTHERS.has(code)),
  );
  if (errors.length > 0) throw apiErrors.invalidDefinition(describeDiagnostics(errors));
  const found = findState(program, name ?? UNNAMED);
  if (!found) throw apiErrors.validation(`State '${name}' does not exist in the definition`);
  return found;
}

/** What is wrong only because the other states are not there. */
const ABOUT_OTHERS: ReadonlySet<string> = new Set(['MISSING_TRANSITION_TARGET', 'MISSING_END_STATE']);

function machineOf(state: JsonObject): JsonObject {
  return { StartAt: UNNAMED, States: { [UNNAMED]: state } };
}

function definitionIn(text: string): JsonObject {
  try {
    const raw = parseJson(text);
    if (isObject(raw)) return raw;
  } catch (error) {
    throw apiErrors.invalidDefinition(`Invalid State Machine Definition: '${String(error)}'`);
  }
  throw apiErrors.invalidDefinition(
    "Invalid State Machine Definition: 'The definition has to be a JSON object'",
  );
}

function findState({ states }: Program, name: string): State | undefined {
  for (const state of states.values()) {
    if (state.name === name) return state;
    for (const inner of state.behaviour.programs ?? []) {
      const found = findState(inner, name);
      if (found) return found;
    }
  }
  return undefined;
}

function checkTestable({ type, behaviour }: State, isMocked: boolean): void {
  const waits = behaviour.target && behaviour.target.pattern !== 'request';
  if (!isMocked && (type === 'Map' || type === 'Parallel'))
    throw apiErrors.validation(`State type '${type}' is not supported when a mock is not specified`);
  if (!isMocked && waits)
    throw apiErrors.validation(
      `Task resource '${behaviour.target?.resource}' is not supported when a mock is not specified`,
    );
  if (isMocked && type !== 'Map' && type !== 'Parallel' && type !== 'Task')
    throw apiErrors.validation(`State type '${type}' does not support mocking`);
}

/** Reads `mock`: a result, or an error. */
function readMock(
  request: Request,
  { state, apis }: { state: State; apis: Pick<Apis, 'answer'> },
): TestedState['mock'] {
  if (!request.has('mock')) return undefined;
  const mock = nested(request, 'mock');
  const mode = mock.text('fieldValidationMode') ?? 'STRICT';
  if (!['STRICT', 'PRESENT', 'NONE'].includes(mode))
    throw apiErrors.validation(`Unknown fieldValidationMode '${mode}'`);
  if (mock.has('result') === mock.has('errorOutput'))
    throw apiErrors.validation(
      'A test mock should have only one of the following fields: [result, errorOutput].',
    );
  if (mock.has('errorOutput')) {
    const error = nested(mock, 'errorOutput');
    const [code, cause] = [error.text('error'), error.text('cause')];
    return () => {
      throw new StatesError(code, cause, { ofTask: true });
    };
  }
  const result = resultIn(mock.requiredText('result'));
  const problem = state.behaviour.target
    ? checkMockedResult(state.behaviour.target, result, { mode, apis })
    : listProblem(result);
  if (problem !== undefined) throw apiErrors.validation(problem);
  return () => result;
}

function listProblem(result: Json): string | undefined {
  return isArray(result) || isObject(result) ? undefined : 'Mocked result must be an array.';
}

function resultIn(text: string): Json {
  if (Buffer.byteLength(text) > LIMITS.payloadBytes)
    throw apiErrors.validation(`Mocked result exceeds the maximum of ${LIMITS.payloadBytes} bytes`);
  try {
    return parseJson(text);
  } catch (cause) {
    throw Object.assign(apiErrors.validation('Mocked result must be valid JSON'), { cause });
  }
}

function nested(request: Request, field: string): Request {
  const value = request.raw(field);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw apiErrors.validation(`Expected an object in '${field}'`);
  return new Request({ ...value });
}

function configurationOf(request: Request): Request {
  return request.has('stateConfiguration') ? nested(request, 'stateConfiguration') : new Request({});
}

/** Reads what counts for a Map, or a Parallel, only. */
function mapConfiguration(request: Request, { type, behaviour }: State): TestedMap {
  const configuration = configurationOf(request);
  const refuse = (field: string, why: string): never => {
    throw apiErrors.validation(`'stateConfiguration.${field}' ${why}`);
  };
  const failures = configuration.integer('mapIterationFailureCount', { least: 0, most: 100_000_000 });
  if (failures !== undefined && !(type === 'Map' && request.has('mock')))
    refuse('mapIterationFailureCount', 'can only be given with a mock for a Map state');
  const readerData = configuration.text('mapItemReaderData');
  if (readerData !== undefined && !behaviour.inspector?.read)
    refuse('mapItemReaderData', 'can only be given for a Map state with an ItemReader');
  const cause = configuration.text('errorCausedByState');
  if (cause !== undefined) {
    if (!(request.has('mock') && nested(request, 'mock').has('errorOutput') && behaviour.programs))
      refuse('errorCausedByState', 'can only be given with a mocked error for a Map or Parallel state');
    if (!behaviour.programs?.some((program) => findState(program, cause)))
      refuse('errorCausedByState', `names '${cause}', which is no state inside of it`);
  }
  return { readerData, failures };
}

function checkFailures({ map }: TestOutcome, { failures = 0 }: TestedMap): void {
  if (map && failures > map.items.length)
    throw apiErrors.validation(
      `'stateConfiguration.mapIterationFailureCount' is ${failures}, and there are ${map.items.length} items`,
    );
}

function objectIn(request: Request, field: string): JsonObject | undefined {
  const text = request.text(field);
  if (text === undefined) return undefined;
  const value = resultIn(text);
  if (isObject(value)) return value;
  throw apiErrors.validation(`Expected the JSON text of an object in '${field}'`);
}

function answerOf(
  request: Request,
  { state, outcome, input }: { state: State; outcome: TestOutcome; input: Payload },
): object {
  const level = request.text('inspectionLevel') ?? 'INFO';
  if (!['INFO', 'DEBUG', 'TRACE'].includes(level))
    throw apiErrors.validation(`Unknown inspectionLevel '${level}'`);
  const { status, output, next, error, cause } = outcome;
  return {
    status,
    ...(output === undefined ? {} : { output: output.text }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    ...(next === undefined ? {} : { nextState: next }),
    ...(level === 'INFO' ? {} : { inspectionData: inspectionOf(state, outcome, input) }),
  };
}

function toleranceOf({ tolerance }: MapInspection): object {
  if (!tolerance) return {};
  const { toleratedFailureCount = 0, toleratedFailurePercentage = 0 } = tolerance;
  return { toleratedFailureCount, toleratedFailurePercentage };
}

function inspectionOf(state: State, { seen, catcher, retrier, map }: TestOutcome, input: Payload): object {
  const shown = (value: Json | undefined, name: string): object =>
    value === undefined ? {} : { [name]: JSON.stringify(value) };
  const details = {
    ...(catcher === undefined ? {} : { catchIndex: catcher }),
    ...(retrier === undefined
      ? {}
      : { retryIndex: retrier.index, retryBackoffIntervalSeconds: Math.round(retrier.seconds) }),
  };
  return {
    input: input.text,
    ...shown(seen.afterInputPath, 'afterInputPath'),
    ...shown(seen.argument, state.flow.stages ? 'afterParameters' : 'afterArguments'),
    ...shown(seen.result, 'result'),
    ...shown(seen.afterResultSelector, 'afterResultSelector'),
    ...shown(seen.afterResultPath, 'afterResultPath'),
    ...shown(seen.variables, 'variables'),
    ...shown(map?.afterItemsPath, 'afterItemsPath'),
    ...shown(map?.afterItemsPointer, 'afterItemsPointer'),
    ...shown(map?.afterItemSelector, 'afterItemSelector'),
    ...shown(map?.afterItemBatcher, 'afterItemBatcher'),
    ...(map ? { maxConcurrency: map.maxConcurrency, ...toleranceOf(map) } : {}),
    ...(Object.keys(details).length > 0 ? { errorDetails: details } : {}),
  };
}
