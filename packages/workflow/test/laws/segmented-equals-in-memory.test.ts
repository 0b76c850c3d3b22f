import { describe, expect, test } from '@jest/globals';
import { StatebagError } from '@statebag/contracts';
import { law } from '@statebag/law';
import fc from 'fast-check';
import {
  compileWorkflow,
  createProviders,
  evaluateInMemory,
  type LlmProviders,
  readWorkflow,
  textsBeside,
  type Workflow,
} from '../../src/index.ts';
import { arbitraryWorkflow, type WorkflowCase } from '../arbitrary-workflow.ts';
import { runInSegments, TEST_RUN } from '../run-in-segments.ts';

const ENOUGH = { cases: 25 };

function read(document: object, files: WorkflowCase['files'] = {}): Workflow {
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(document), {
    file: 'generated.json',
    readFile: textsBeside(files),
  });
  if (workflow) return workflow;
  throw new Error(JSON.stringify(diagnostics, null, 1));
}

type Time = Partial<Pick<Parameters<typeof runInSegments>[1], 'clock' | 'timeout' | 'providers'>>;

/** A drawn workflow leads to the same state in segments as in memory, in as much time as it is given. */
async function endsTheSame(
  { document, files, input }: WorkflowCase,
  time: () => Time = () => ({}),
): Promise<void> {
  const workflow = read(document, files);
  const inMemory = await evaluateInMemory(workflow, input, { ...TEST_RUN, providers: createProviders() });
  const { drafts, state } = await runInSegments(compileWorkflow(workflow), {
    input,
    providers: createProviders(),
    ...time(),
  });
  expect(drafts.at(-1)?.error_info).toBeNull();
  expect(state).toEqual(inMemory);
}

/** A provider that fails in the first two attempts of each call. */
function notThereAtFirst(): LlmProviders {
  const attempts = new Map<string, number>();
  const real = createProviders();
  return async (name) => ({
    complete: async (request) => {
      const made = (attempts.get(request.idempotency_key) ?? 0) + 1;
      attempts.set(request.idempotency_key, made);
      if (made < 3) throw new StatebagError('Llm.Unavailable', `attempt ${made} of this call`);
      return (await real(name)).complete(request);
    },
  });
}

/** Every look at the clock takes a tenth of what an invocation has. */
function hardlyAnyTime(): Time {
  let now = 0;
  return { clock: () => (now += 100), timeout: 1_000 };
}

const PLAIN = arbitraryWorkflow({ uses: true });
const FLAKY = arbitraryWorkflow({ groups: true, uses: true, retries: true });
const EVERYTHING = arbitraryWorkflow({
  depth: 3,
  groups: true,
  waits: true,
  approvals: true,
  workers: true,
  maps: true,
  uses: true,
});

describe('a generated workflow', () => {
  test('comes to the same state in segments as in memory', async () => {
    await law(
      fc.asyncProperty(PLAIN, (drawn) => endsTheSame(drawn)),
      ENOUGH,
    );
  });

  test('comes to the same state when every invocation has hardly any time', async () => {
    await law(
      fc.asyncProperty(PLAIN, (drawn) => endsTheSame(drawn, hardlyAnyTime)),
      ENOUGH,
    );
  });

  test('comes to the same state when branches are segments of their own and loops pause', async () => {
    await law(
      fc.asyncProperty(EVERYTHING, (drawn) => endsTheSame(drawn)),
      ENOUGH,
    );
  });

  test('comes to the same state with branches, pauses and hardly any time', async () => {
    await law(
      fc.asyncProperty(EVERYTHING, (drawn) => endsTheSame(drawn, hardlyAnyTime)),
      ENOUGH,
    );
  });

  test('comes to the same state when every model is not there at first', async () => {
    await law(
      fc.asyncProperty(FLAKY, (drawn) => endsTheSame(drawn, () => ({ providers: notThereAtFirst() }))),
      ENOUGH,
    );
  });

  test('compiles to the same definition whatever the order of its keys', () => {
    law(
      fc.property(arbitraryWorkflow(), ({ document }) => {
        const turned = Object.fromEntries(Object.entries(document).reverse());
        expect(compileWorkflow(read(turned)).definition_id).toBe(
          compileWorkflow(read(document)).definition_id,
        );
      }),
      ENOUGH,
    );
  });
});
