import { ASSIGN, OUTPUT, PATH_INPUT_OUTPUT, PROGRAM_FIELDS, RESULT_FIELDS } from '../language/fields.ts';
import type { StateKind } from '../program/program.ts';
import { childrenPhase, haltChildren, keepResult, takeResults } from '../run/children.ts';

/** Runs its branches at the same time on the same input. */
export const PARALLEL: StateKind = {
  fields: {
    ...PATH_INPUT_OUTPUT,
    ...RESULT_FIELDS,
    ...OUTPUT,
    ...ASSIGN,
    Branches: { holds: 'programs', required: true, fields: PROGRAM_FIELDS },
    Parameters: { holds: 'any', only: 'JSONPath' },
    Arguments: { holds: 'any', only: 'JSONata' },
  },
  moves: true,
  recovers: true,
  compile(state, compileProgram) {
    const branches = state.objects('Branches');
    if (branches.length === 0)
      state.report('A list of at least one branch is required', { field: 'Branches' });
    const programs = branches.map(compileProgram);
    return {
      programs,
      enter(frame) {
        const argument = frame.argument();
        frame.record('ParallelStateStarted');
        const total = programs.length;
        frame.become({ kind: 'children', argument, started: total, total, atOnce: total });
        const children = programs.map((program, slot) =>
          frame.run.spawn({ program, parent: frame, slot, item: undefined }, argument, frame.lastEvent),
        );
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
        // The service ends the branch, though its task has ended already.
        if (child.phase.kind === 'task') child.record('TaskStateAborted');
        frame.lastEvent = child.lastEvent;
        haltChildren(frame);
        throw error;
      },
      gaveUp: (frame) => void frame.record('ParallelStateFailed'),
    };
  },
};
