import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import {
  type CompiledWorkflow,
  compileWorkflow,
  readWorkflow,
  renderMermaid,
  renderPlan,
} from '../src/index.ts';
import { GOLDEN } from './golden-workflows.ts';

function compiled(document: JsonObject): CompiledWorkflow {
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(document), { file: 'golden.json' });
  if (workflow) return compileWorkflow(workflow);
  throw new Error(JSON.stringify(diagnostics));
}

/** A plan that has no golden file yet is written; look at it before you commit it. */
function golden(file: string, text: string): string {
  const path = join(import.meta.dirname, 'golden', file);
  if (!existsSync(path)) writeFileSync(path, text);
  return readFileSync(path, 'utf8');
}

describe('the plan of', () => {
  for (const [name, document] of Object.entries(GOLDEN)) {
    test(`${name} is its golden file`, () => {
      const plan = compiled(document);
      const text = `${renderPlan(plan).replace(/definition \w+ · /, '')}\n${renderMermaid(plan)}`;
      expect(text).toBe(golden(`${name}.txt`, text));
    });
  }
});

test('twice as many nodes take about twice the work to compile, not four times', () => {
  const texts = [250, 500].map(longWorkflow);
  const times = texts.map((): number[] => []);
  // in turns, so that a moment of a busy machine hits both; the best of each is compared
  for (let round = 0; round < 7; round += 1)
    for (const [index, text] of texts.entries()) times[index]?.push(compileTime(text));
  const [half = Number.NaN, whole = Number.NaN] = times.map((each) => Math.min(...each));
  expect(whole / half).toBeLessThan(3.5);
});

/** A chain in which each node reads the field of the one before. */
function longWorkflow(count: number): string {
  const nodes = Array.from({ length: count }, (_, index) => ({
    id: `n${index}`,
    type: index % 5 === 0 ? 'llm_chat' : 'data_transform',
    output_key: `f${index}`,
    config:
      index % 5 === 0
        ? { prompt: `About {{ f${Math.max(0, index - 1)} }}` }
        : { transform: `{% $string(f${index - 1}) & 'x' %}` },
  }));
  return JSON.stringify({ name: 'long', nodes });
}

/** Milliseconds of this thread's processor, which do not count what runs beside it. */
function compileTime(text: string): number {
  const before = process.threadCpuUsage();
  const { workflow } = readWorkflow(text, { file: 'long.json' });
  expect(workflow && compileWorkflow(workflow).manifest.total_segments).toBeGreaterThan(1);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
