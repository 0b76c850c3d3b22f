import { compileProgram } from '../definition/compile.ts';
import { childrenPhase, haltChildren, keepResult, takeResults } from '../run/children.ts';
import type { StateKind } from './state-kinds.ts';

/** Runs its branches at the same time on the same input. */
export const PARALLEL: StateKind = {
  fields: ['Branches'],
  flow: ['InputPath', 'OutputPath', 'Parameters', 'ResultSelector', 'ResultPath'],
  moves: true,
  recovers: true,
  compile(state) {
    const branches = state.objects('Branches');
    if (branches.length === 0) state.report('A list of at least one branch is required', { field: 'Branches' });
    const programs = branches.map((branch) => {
      branch.allow(['StartAt', 'States', 'Comment']);
      return compileProgram(branch);
    });
    return {
      programs,
      enter(frame) {
        const argument = frame.argument();
        frame.record('ParallelStateStarted');
        const total = programs.length;
        frame.become({ kind: 'children', argument, started: total, total, atOnce: total });
        const children = programs.map((program, slot) => frame.run.spawn({ program, parent: frame, slot, item: undefined }, argument, frame.lastEvent));
        for (const child of children) frame.run.host.enqueue(child);
        return 'blocked';
      },
      childSucceeded(frame, child, output) {
        keepResult(frame, child, output);
        if (frame.children.size > 0) return 'blocked';
        const results = takeResults(frame);
        frame.record('ParallelStateSucceeded');
        return frame.conclude(results.map(({ value }) => value));
      },
      childFailed(frame, child, error) {
        childrenPhase(frame);
        frame.lastEvent = child.lastEvent;
        haltChildren(frame);
        throw error;
      },
      gaveUp: (frame) => void frame.record('ParallelStateFailed'),
    };
  },
};
