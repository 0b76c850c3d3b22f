import type { StateKind } from './state-kinds.ts';

/** Hands its input on, or a constant. */
export const PASS: StateKind = {
  fields: ['Result'],
  flow: ['InputPath', 'OutputPath', 'Parameters', 'ResultPath'],
  moves: true,
  recovers: false,
  compile(state) {
    const result = state.value('Result');
    return { enter: (frame) => frame.conclude(result === undefined ? frame.argument().value : result) };
  },
};
