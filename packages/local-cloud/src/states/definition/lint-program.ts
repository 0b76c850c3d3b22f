import type { Program, State } from './program.ts';
import type { Reader } from './reader.ts';

/** Every transition has a target, and every state can be reached. */
export function lintTransitions({ startAt, states }: Program, source: Reader): void {
  const missing = (target: string, field: string): void => {
    if (!states.has(target)) source.report(`Missing 'Next' target: ${target}`, { field, code: 'MISSING_TRANSITION_TARGET' });
  };
  if (startAt) missing(startAt, 'StartAt');
  for (const [name, state] of states) for (const target of targetsOf(state)) missing(target, `States/${name}`);
  const reached = reachableFrom(startAt, states);
  for (const name of states.keys()) {
    if (!reached.has(name)) source.report(`State "${name}" is not reachable.`, { field: `States/${name}`, code: 'MISSING_TRANSITION_TARGET' });
  }
}

function targetsOf({ next, catchers, behaviour }: State): readonly string[] {
  return [...(next === undefined ? [] : [next]), ...catchers.map((catcher) => catcher.next), ...(behaviour.targets ?? [])];
}

function reachableFrom(startAt: string, states: Program['states']): Set<string> {
  const reached = new Set<string>();
  const queue = [startAt];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const state = states.get(name);
    if (!state || reached.has(name)) continue;
    reached.add(name);
    queue.push(...targetsOf(state));
  }
  return reached;
}

/** State names are unique in the whole machine, branches and processors included. */
export function lintNames(program: Program, machine: Reader): void {
  const seen = new Set<string>();
  for (const { name } of allStates(program)) {
    if (seen.has(name)) machine.report(`Duplicate State name: ${name}`, { field: `States/${name}` });
    seen.add(name);
  }
}

/** An express workflow waits for nothing outside. */
export function lintExpress(program: Program, machine: Reader): void {
  for (const { name, behaviour } of allStates(program)) {
    if (behaviour.target && behaviour.target.pattern !== 'request') {
      const what = behaviour.target.events === 'Activity' ? 'Activity ARNs' : `'.${behaviour.target.resource.split('.')[1]}' service integration`;
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
