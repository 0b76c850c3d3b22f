import type { StateKind } from './state-kinds.ts';

/** Ends its program well. */
export const SUCCEED: StateKind = {
  fields: [],
  flow: ['InputPath', 'OutputPath'],
  moves: false,
  recovers: false,
  compile: () => ({ enter: (frame) => frame.conclude(frame.effectiveInput()) }),
};
