import type { JsonObject } from '@statebag/contracts';
import { executionId } from '@statebag/contracts/ids';
import { canonicalJson } from '@statebag/state-core';
import { eachBounded } from '@statebag/state-core/store/each-bounded';
import { createProviders, evaluateInMemory, readWorkflow, textsBeside } from '@statebag/workflow';
import { arbitraryWorkflow, type WorkflowCase } from '@statebag/workflow/testing';
import fc from 'fast-check';
import { DeployedTestApp } from '../deployed-app.ts';

const AT_ONCE = 4;

/** What one generated workflow came to on both ways, as canonical JSON. */
export interface Comparison {
  readonly document: JsonObject;
  readonly status: string;
  readonly segmented: string;
  readonly inMemory: string;
}

/**
 * Runs generated workflows through the deployed definition and handlers over real HTTP, and compares each
 * final state with plain evaluation in memory.
 */
export async function run({ count, seed }: { count: number; seed: number }): Promise<Comparison[]> {
  const app = await DeployedTestApp.open({ approves: true });
  try {
    const cases = fc.sample(arbitraryWorkflow({ groups: true, approvals: true, workers: true, uses: true }), {
      numRuns: count,
      seed,
    });
    return await eachBounded(
      cases.map((each, index) => ({ ...each, index })),
      AT_ONCE,
      (each) => compare(each, app),
    );
  } finally {
    await app.close();
  }
}

/** The same, as a law. @throws naming the first workflow that differs */
export async function prove(options: { count: number; seed: number }): Promise<string> {
  const comparisons = await run(options);
  const different = comparisons.filter(
    ({ status, segmented, inMemory }) => status !== 'SUCCEEDED' || segmented !== inMemory,
  );
  if (different.length > 0)
    throw new Error(
      `${different.length} of ${comparisons.length} differ, seed ${options.seed}; the first: ${JSON.stringify(different[0], null, 1)}`,
    );
  return `${comparisons.length} workflows ended the same`;
}

async function compare(
  { document, files, input, index }: WorkflowCase & { readonly index: number },
  app: DeployedTestApp,
): Promise<Comparison> {
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(document), {
    file: `case-${index}.json`,
    readFile: textsBeside(files),
  });
  if (!workflow) throw new Error(`case ${index} is not valid: ${JSON.stringify(diagnostics)}`);
  const execution_id = executionId(`case-${index}`);
  const ended = await app.end(await app.start(document, { input, files, name: execution_id }));
  if (!ended.envelope)
    return {
      document,
      status: `${ended.status} ${ended.error}: ${ended.cause}`,
      segmented: '',
      inMemory: '',
    };
  const { start_time } = ended.envelope.state_data;
  const inMemory = await evaluateInMemory(workflow, input, {
    execution_id,
    start_time,
    providers: createProviders(),
  });
  return {
    document,
    status: ended.status,
    segmented: canonicalJson(await app.state(ended)),
    inMemory: canonicalJson(inMemory),
  };
}
