import { compileProgram } from '../definition/compile.ts';
import type { Reader } from '../definition/reader.ts';
import { distributedMap } from './distributed-map.ts';
import { inlineMap } from './inline-map.ts';
import { compileItemSource } from './item-source.ts';
import type { StateKind } from './state-kinds.ts';

const DISTRIBUTED_FIELDS = [
  'ItemReader', 'ItemBatcher', 'ResultWriter', 'Label',
  'ToleratedFailureCount', 'ToleratedFailureCountPath', 'ToleratedFailurePercentage', 'ToleratedFailurePercentagePath',
]; // biome-ignore format: one line a family

/** Runs its processor for every item: in this execution, or in executions of their own. */
export const MAP: StateKind = {
  fields: ['ItemProcessor', 'Iterator', 'ItemsPath', 'ItemSelector', 'MaxConcurrency', 'MaxConcurrencyPath', ...DISTRIBUTED_FIELDS],
  flow: ['InputPath', 'OutputPath', 'Parameters', 'ResultSelector', 'ResultPath'],
  moves: true,
  recovers: true,
  compile(state) {
    state.exclusive('ItemProcessor', 'Iterator');
    state.exclusive('ItemSelector', 'Parameters');
    const processor = state.object('ItemProcessor') ?? state.object('Iterator');
    if (!processor) {
      state.report('These fields are required: [ItemProcessor]');
      return { enter: () => 'blocked' };
    }
    processor.allow(['StartAt', 'States', 'Comment', 'ProcessorConfig']);
    const program = compileProgram(processor);
    const source = compileItemSource(state);
    if (modeOf(processor) === 'DISTRIBUTED') return distributedMap(state, { program, source, express: executionTypeOf(processor) === 'EXPRESS' });
    lintInline(state);
    return inlineMap(program, source);
  },
};

function modeOf(processor: Reader): 'INLINE' | 'DISTRIBUTED' {
  const config = processor.object('ProcessorConfig');
  config?.allow(['Mode', 'ExecutionType']);
  const mode = config?.text('Mode') ?? 'INLINE';
  if (mode !== 'INLINE' && mode !== 'DISTRIBUTED') config?.report("Expected 'INLINE' or 'DISTRIBUTED'", { field: 'Mode' });
  return mode === 'DISTRIBUTED' ? mode : 'INLINE';
}

function executionTypeOf(processor: Reader): string {
  const config = processor.object('ProcessorConfig');
  const type = config?.text('ExecutionType');
  if (type !== 'STANDARD' && type !== 'EXPRESS') config?.report("Expected 'STANDARD' or 'EXPRESS'", { field: 'ExecutionType' });
  return type ?? 'STANDARD';
}

function lintInline(state: Reader): void {
  for (const field of DISTRIBUTED_FIELDS) {
    if (state.has(field)) state.report(`Field '${field}' is only allowed with the processor mode DISTRIBUTED`, { field });
  }
}
