import { describe, expect, test } from '@jest/globals';
import type { CompiledNode } from '../nodes/flow.ts';
import { memoryBudget } from './memory-budget.ts';
import { workingState } from './working-state.ts';

// only its reducers are looked at
const NODE = { id: 'n', reducers: { log: 'append' } } as unknown as CompiledNode;
const MILLION = 1024 * 1024;
const taking = (millions: number) => ({ value: 'v', units: millions * MILLION });

function observed() {
  const memory = memoryBudget();
  const state = workingState({}, memory);
  const write = (field: string, millions: number) => state.write(NODE, field, taking(millions));
  return { memory, state, write };
}

describe('what is held in memory', () => {
  test('is short above 32 million characters, and refused above 128', () => {
    const { memory, write } = observed();
    write('a', 32);
    expect(memory.isShort()).toBe(false);
    write('b', 1);
    expect(memory.isShort()).toBe(true);
    write('c', 95);
    expect(() => write('d', 1)).toThrow(expect.objectContaining({ name: 'Expression.LimitExceeded' }));
  });

  test('counts once what is written again, and nothing of what is deleted', () => {
    const { memory, state, write } = observed();
    for (let turn = 0; turn < 1_000; turn += 1) write('a', 20);
    expect(memory.isShort()).toBe(false);
    state.drop('a');
    write('b', 30);
    expect(memory.isShort()).toBe(false);
  });

  test('counts every part of a field that is combined', () => {
    const { memory, state, write } = observed();
    for (let turn = 0; turn < 3; turn += 1) state.write(NODE, 'log', { value: ['v'], units: 16 * MILLION });
    expect(memory.isShort()).toBe(true);
    write('log', 1);
    expect(state.view(null)).toEqual({ log: ['v', 'v', 'v', 'v'] });
  });

  test('is free once an item ends, and is the state’s own where a branch is taken over', () => {
    const { memory, state } = observed();
    const item = state.copy();
    item.write(NODE, 'a', taking(40));
    item.end();
    expect(memory.isShort()).toBe(false);
    const branch = state.copy();
    branch.write(NODE, 'a', taking(40));
    branch.end();
    state.apply(branch);
    expect(memory.isShort()).toBe(true);
    expect(state.view(null)).toEqual({ a: 'v' });
  });
});
