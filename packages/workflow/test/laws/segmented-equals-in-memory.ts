import { law } from '@statebag/law';
import { canonicalJson } from '@statebag/state-core';
import fc from 'fast-check';
import {
  compileWorkflow,
  createProviders,
  evaluateInMemory,
  readWorkflow,
  textsBeside,
} from '../../src/index.ts';
import { arbitraryWorkflow, runInSegments, TEST_RUN, type WorkflowCase } from '../index.ts';

const TICK_MS = 100;
const TIMEOUT_MS = 1_000;

/**
 * Generated workflows end with the same state in segments as in memory, with all the time they want and with
 * hardly any.
 */
export async function prove({ count, seed }: { count: number; seed: number }): Promise<string> {
  let segments = 0;
  const holds = fc.asyncProperty(
    fc.oneof(
      arbitraryWorkflow({ depth: 3, most: 8, uses: true }),
      arbitraryWorkflow({ most: 8, groups: true, waits: true, uses: true }),
    ),
    async (drawn) => {
      segments += await compare(drawn);
    },
  );
  await law(holds, { cases: count, seed });
  return `${segments} segment results compared`;
}

async function compare({ document, files, input }: WorkflowCase): Promise<number> {
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(document), {
    file: 'generated.json',
    readFile: textsBeside(files),
  });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  const expected = canonicalJson(
    await evaluateInMemory(workflow, input, { ...TEST_RUN, providers: createProviders() }),
  );
  const compiled = compileWorkflow(workflow);
  const atEase = await runInSegments(compiled, { input, providers: createProviders() });
  const inHaste = await runInSegments(compiled, {
    input,
    providers: createProviders(),
    clock: ticking(),
    timeout: TIMEOUT_MS,
  });
  for (const { state } of [atEase, inHaste])
    if (canonicalJson(state) !== expected)
      throw new Error(`expected ${expected}, came to ${canonicalJson(state)}`);
  return atEase.drafts.length + inHaste.drafts.length;
}

function ticking(): () => number {
  let now = 0;
  return () => {
    now += TICK_MS;
    return now;
  };
}
