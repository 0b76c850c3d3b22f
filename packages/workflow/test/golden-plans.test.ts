import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { type CompiledWorkflow, compileWorkflow, readWorkflow, renderMermaid, renderPlan } from '../src/index.ts';
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

test('500 nodes compile in under 300 ms', () => {
  const nodes = Array.from({ length: 500 }, (_, index) => ({
    id: `n${index}`,
    type: index % 5 === 0 ? 'llm_chat' : 'data_transform',
    output_key: `f${index}`,
    config: index % 5 === 0 ? { prompt: `About {{ f${Math.max(0, index - 1)} }}` } : { transform: `{% $string(f${index - 1}) & 'x' %}` },
  }));
  const text = JSON.stringify({ name: 'long', nodes });
  const times = Array.from({ length: 5 }, () => {
    const before = process.threadCpuUsage();
    const { workflow } = readWorkflow(text, { file: 'long.json' });
    expect(workflow && compileWorkflow(workflow).manifest.total_segments).toBeGreaterThan(1);
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1_000;
  });
  expect(Math.min(...times)).toBeLessThan(300); // processor time, the best of a few: other tests run beside it
});
