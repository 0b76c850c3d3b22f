import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compileWorkflow, createProviders, evaluateInMemory, readWorkflow, type Workflow } from '../src/index.ts';
import { arbitraryWorkflow, type WorkflowCase } from './arbitrary-workflow.ts';
import { runInSegments, TEST_RUN } from './run-in-segments.ts';

const LIMITS = { numRuns: 60, interruptAfterTimeLimit: 8_000, markInterruptAsFailure: false, endOnFailure: true };

function read(document: object): Workflow {
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(document), { file: 'generated.json' });
  if (workflow) return workflow;
  throw new Error(JSON.stringify(diagnostics, null, 1));
}

type Time = Pick<Parameters<typeof runInSegments>[1], 'clock' | 'timeout'>;

/** A drawn workflow leads to the same state in segments as in memory, in as much time as it is given. */
async function endsTheSame({ document, input }: WorkflowCase, time: () => Time = () => ({})): Promise<void> {
  const workflow = read(document);
  const inMemory = await evaluateInMemory(workflow, input, { ...TEST_RUN, providers: createProviders() });
  const { drafts, state } = await runInSegments(compileWorkflow(workflow), { input, providers: createProviders(), ...time() });
  expect(drafts.at(-1)?.error_info).toBeNull();
  expect(state).toEqual(inMemory);
}

/** Every look at the clock takes a tenth of what an invocation has. */
function hardlyAnyTime(): Time {
  let now = 0;
  return { clock: () => (now += 100), timeout: 1_000 };
}

const PLAIN = arbitraryWorkflow();
const EVERYTHING = arbitraryWorkflow({ depth: 3, groups: true, waits: true, approvals: true, workers: true, maps: true });

describe('a generated workflow', () => {
  test('comes to the same state in segments as in memory', async () => {
    await fc.assert(
      fc.asyncProperty(PLAIN, (drawn) => endsTheSame(drawn)),
      LIMITS,
    );
  }, 20_000);

  test('comes to the same state when every invocation has hardly any time', async () => {
    await fc.assert(
      fc.asyncProperty(PLAIN, (drawn) => endsTheSame(drawn, hardlyAnyTime)),
      LIMITS,
    );
  }, 20_000);

  test('comes to the same state when branches are segments of their own and loops pause', async () => {
    await fc.assert(
      fc.asyncProperty(EVERYTHING, (drawn) => endsTheSame(drawn)),
      LIMITS,
    );
  }, 20_000);

  test('comes to the same state with branches, pauses and hardly any time', async () => {
    await fc.assert(
      fc.asyncProperty(EVERYTHING, (drawn) => endsTheSame(drawn, hardlyAnyTime)),
      LIMITS,
    );
  }, 20_000);

  test('compiles to the same definition whatever the order of its keys', () => {
    fc.assert(
      fc.property(arbitraryWorkflow(), ({ document }) => {
        const turned = Object.fromEntries(Object.entries(document).reverse());
        expect(compileWorkflow(read(turned)).definition_id).toBe(compileWorkflow(read(document)).definition_id);
      }),
      LIMITS,
    );
  });
});
