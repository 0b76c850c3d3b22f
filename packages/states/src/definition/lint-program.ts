import type { Diagnostic, Reader } from '../language/reader.ts';
import type { Apis } from '../ports/services.ts';
import type { Program, State, Target } from '../program/program.ts';

/** Every transition has a target, every state can be reached, and one of them ends. */
export function lintTransitions({ startAt, states }: Program, source: Reader): void {
  const missing = (target: string, field: string): void => {
    if (!states.has(target))
      source.report(`Missing 'Next' target: ${target}`, { field, code: 'MISSING_TRANSITION_TARGET' });
  };
  if (startAt) missing(startAt, 'StartAt');
  for (const [name, state] of states)
    for (const target of targetsOf(state)) missing(target.name, `States/${name}/${target.field}`);
  const reached = reachableFrom(startAt, states);
  if (states.size > 0 && ![...states.values()].some(ends)) {
    source.reportWhole('Workflow has no terminal state', 'MISSING_END_STATE');
    return;
  }
  for (const name of states.keys()) {
    if (!reached.has(name))
      source.report(`State "${name}" is not reachable.`, {
        field: `States/${name}`,
        code: 'MISSING_TRANSITION_TARGET',
      });
  }
}

function targetsOf({ next, catchers, behaviour }: State): readonly Target[] {
  return [
    ...(next === undefined ? [] : [{ name: next, field: 'Next' }]),
    ...catchers.map((catcher, index) => ({ name: catcher.next, field: `Catch[${index}]/Next` })),
    ...(behaviour.targets ?? []),
  ];
}

/** A state after which nothing comes: a Choice always leads on, any other one where it names a next state. */
function ends(state: State): boolean {
  return state.type !== 'Choice' && state.next === undefined;
}

function reachableFrom(startAt: string, states: Program['states']): Set<string> {
  const reached = new Set<string>();
  const queue = [startAt];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const state = states.get(name);
    if (!state || reached.has(name)) continue;
    reached.add(name);
    queue.push(...targetsOf(state).map((target) => target.name));
  }
  return reached;
}

/** State names are unique in the whole machine, branches and processors included. */
export function lintNames(program: Program, machine: Reader): void {
  const seen = new Set<string>();
  for (const { name } of allStates(program)) {
    if (seen.has(name))
      machine.report(`Duplicate State name: ${name}`, {
        field: `States/${name}`,
        code: 'DUPLICATE_STATE_NAME',
      });
    seen.add(name);
  }
}

/** What runs inside of a state sees the variables around it and cannot give them other values. */
export function lintVariables(
  program: Program,
  findings: Diagnostic[],
  around: ReadonlySet<string> = new Set(),
): void {
  const states = [...program.states.values()];
  for (const { variable, location } of states.flatMap(({ assigns }) => assigns)) {
    if (around.has(variable))
      findings.push({
        severity: 'ERROR',
        code: 'SCHEMA_VALIDATION_FAILED',
        message: `Variable '${variable}' is already assigned in an outer scope`,
        location,
      });
  }
  for (const container of states)
    for (const inner of container.behaviour.programs ?? [])
      lintVariables(inner, findings, container.behaviour.isolated ? new Set() : aroundOf(container));

  /** What a state itself assigns is assigned when it is left, so it is not there inside of it. */
  function aroundOf(container: State): ReadonlySet<string> {
    const others = states.filter((state) => state !== container).flatMap(({ assigns }) => assigns);
    return new Set([...around, ...others.map(({ variable }) => variable)]);
  }
}

/** Every call can be made here. */
export function lintCalls(program: Program, apis: Pick<Apis, 'refusal'>, machine: Reader): void {
  for (const { name, behaviour } of allStates(program)) {
    const api = behaviour.target?.integration.api;
    const suffix = behaviour.target?.resource.slice(api?.action.length);
    const refusal = api && apis.refusal(api.service, api.action, suffix);
    if (refusal !== undefined)
      machine.report(refusal, { field: `States/${name}/Resource`, code: 'NOT_SUPPORTED_LOCALLY' });
  }
}

/** An express workflow waits for nothing outside. */
export function lintExpress(program: Program, machine: Reader): void {
  for (const { name, behaviour } of allStates(program)) {
    if (behaviour.target && behaviour.target.pattern !== 'request') {
      const what =
        behaviour.target.events === 'Activity'
          ? 'Activity ARNs'
          : `'.${behaviour.target.resource.split('.')[1]}' service integration`;
      machine.report(`Express state machine does not support ${what}`, { field: `States/${name}/Resource` });
    }
  }
}

function* allStates(program: Program): Generator<State> {
  for (const state of program.states.values()) {
    yield state;
    for (const inner of state.behaviour.programs ?? []) yield* allStates(inner);
  }
}
