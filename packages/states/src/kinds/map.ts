import {
  ASSIGN,
  type FieldTable,
  numberFields,
  OUTPUT,
  PATH_INPUT_OUTPUT,
  PROGRAM_FIELDS,
  RESULT_FIELDS,
  TEXT,
} from '../language/fields.ts';
import { isArray, type Json } from '../language/json.ts';
import type { Reader } from '../language/reader.ts';
import { LIMITS } from '../ports/limits.ts';
import type { ChildrenPhase } from '../program/execution.ts';
import type { Behaviour, Frame, Outcome, Program, StateKind } from '../program/program.ts';
import { childrenPhase, haltChildren, keepResult, takeResults } from '../run/children.ts';
import { dataLimitExceeded } from '../run/frame.ts';
import { distributedMap, ITEM_BATCHER_FIELDS } from './distributed-map.ts';
import { ITEM_READER_FIELDS } from './item-reader.ts';
import { compileItemSource, type ItemSource } from './item-source.ts';
import { RESULT_WRITER_FIELDS } from './result-writer.ts';

/** Fields that only a distributed map has. */
const DISTRIBUTED: FieldTable = {
  ItemReader: { holds: 'object', fields: ITEM_READER_FIELDS },
  ItemBatcher: { holds: 'object', fields: ITEM_BATCHER_FIELDS },
  ResultWriter: { holds: 'object', fields: RESULT_WRITER_FIELDS },
  Label: TEXT,
};

const PROCESSOR: FieldTable = {
  ...PROGRAM_FIELDS,
  ProcessorConfig: {
    holds: 'object',
    fields: {
      Mode: { holds: 'text', values: ['INLINE', 'DISTRIBUTED'] },
      ExecutionType: { holds: 'text', values: ['STANDARD', 'EXPRESS'] },
    },
  },
};

/** Runs its processor for every item: in this execution, or in executions of their own. */
export const MAP: StateKind = {
  fields: {
    ...PATH_INPUT_OUTPUT,
    ...RESULT_FIELDS,
    ...OUTPUT,
    ...ASSIGN,
    ...DISTRIBUTED,
    ItemProcessor: { holds: 'program', fields: PROCESSOR, excludes: ['Iterator'] },
    Iterator: { holds: 'program', fields: PROCESSOR },
    Items: { holds: 'list', only: 'JSONata', expression: true },
    ItemsPath: { holds: 'path', only: 'JSONPath' },
    ItemSelector: { holds: 'any', excludes: ['Parameters'] },
    Parameters: { holds: 'any', only: 'JSONPath' },
    ...numberFields('MaxConcurrency', { holds: 'integer' }),
    ...numberFields('ToleratedFailureCount', { holds: 'integer' }),
    ...numberFields('ToleratedFailurePercentage', { holds: 'number', most: 100 }),
  },
  moves: true,
  recovers: true,
  compile(state, compileProgram) {
    const processor = state.object('ItemProcessor') ?? state.object('Iterator');
    if (!processor) {
      state.report('These fields are required: [ItemProcessor]');
      return { enter: () => 'blocked' };
    }
    const program = compileProgram(processor);
    const source = compileItemSource(state);
    if (modeOf(processor) === 'DISTRIBUTED')
      return distributedMap(state, { program, source, express: executionTypeOf(processor) === 'EXPRESS' });
    lintInline(state);
    return inlineMap(program, source);
  },
};

function modeOf(processor: Reader): string {
  return processor.object('ProcessorConfig')?.text('Mode') ?? 'INLINE';
}

function executionTypeOf(processor: Reader): string {
  const config = processor.object('ProcessorConfig');
  if (!config?.has('ExecutionType')) config?.report('These fields are required: [ExecutionType]');
  return config?.text('ExecutionType') ?? 'STANDARD';
}

function lintInline(state: Reader): void {
  for (const field of Object.keys(DISTRIBUTED)) {
    if (state.has(field))
      state.report(`Field '${field}' is only allowed with the processor mode DISTRIBUTED`, { field });
  }
}

/** A Map whose iterations are threads of the same execution and share its history. */
export function inlineMap(program: Program, source: ItemSource): Behaviour {
  /** Starts iterations while there is room; ends the state when all have ended. */
  const launch = (frame: Frame): Outcome => {
    const phase = childrenPhase(frame);
    const items = itemsOf(frame, source, phase);
    let { started } = phase;
    for (; started < phase.total && frame.children.size < phase.atOnce; started += 1) {
      startIteration(frame, { program, source, index: started, value: items[started] ?? null });
    }
    if (started > phase.started) frame.become({ ...phase, started });
    return frame.children.size > 0 ? 'blocked' : finish(frame);
  };
  return {
    programs: [program],
    inspector: { read: undefined, inspect: (work) => source.inspect(work, source.items(work)) },
    enter(frame) {
      const items = source.items(frame);
      const total = items.length;
      const atOnce = Math.min(
        source.maxConcurrency(frame) || LIMITS.mapInlineConcurrency,
        LIMITS.mapInlineConcurrency,
      );
      frame.record('MapStateStarted', { length: total });
      const argument = source.kept ? frame.payloadOf(items) : frame.received;
      frame.become({ kind: 'children', argument, started: 0, total, atOnce });
      return launch(frame);
    },
    childSucceeded(frame, child, output) {
      child.record('MapIterationSucceeded', { name: frame.state.name, index: child.slot });
      keepResult(frame, child, output);
      return launch(frame);
    },
    childFailed(frame, child, error) {
      frame.lastEvent = child.record('MapIterationFailed', { name: frame.state.name, index: child.slot });
      haltChildren(frame, (other) =>
        other.record('MapIterationAborted', { name: frame.state.name, index: other.slot }),
      );
      throw error;
    },
    gaveUp: (frame) => void frame.record('MapStateFailed'),
  };
}

function itemsOf(frame: Frame, source: ItemSource, { argument }: ChildrenPhase): readonly Json[] {
  if (!source.kept) return source.items(frame);
  return isArray(argument.value) ? argument.value : [];
}

function startIteration(
  frame: Frame,
  of: { program: Program; source: ItemSource; index: number; value: NonNullable<Frame['item']>['value'] },
): void {
  const item = { index: of.index, value: of.value };
  const input = frame.payloadOf(of.source.select(frame, item));
  if (!input.fits(LIMITS.payloadBytes)) throw dataLimitExceeded(frame.state.name);
  const previous = frame.record('MapIterationStarted', { name: frame.state.name, index: of.index });
  const child = frame.run.spawn(
    { program: of.program, parent: frame, slot: of.index, item },
    input,
    previous,
  );
  frame.run.host.enqueue(child);
}

function finish(frame: Frame): Outcome {
  const results = takeResults(frame);
  frame.record('MapStateSucceeded');
  return frame.conclude(results.map(({ value }) => value));
}
