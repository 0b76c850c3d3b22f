import type { Program } from './program.ts';

/** The machine's own program, or the processor of the Map state called `state`, wherever in the machine it is. */
export function processorOf(program: Program, state: string): Program {
  if (state === '') return program;
  for (const found of processorsIn(program, state)) return found;
  throw new Error(`there is no Map state '${state}'`);
}

function* processorsIn(program: Program, state: string): Generator<Program> {
  for (const [name, { behaviour }] of program.states) {
    for (const inner of behaviour.programs ?? []) {
      if (name === state) yield inner;
      yield* processorsIn(inner, state);
    }
  }
}
