import { describe, expect, test } from '@jest/globals';
import { StatebagError } from '@statebag/contracts';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import type { ObjectStore } from '@statebag/state-core/store/object-store';
import { compileWorkflow, createProviders, type LlmProviders, readWorkflow } from '../src/index.ts';
import { runInSegments } from './run-in-segments.ts';

const CONCURRENCY = 3;
const DOCUMENT = {
  name: 'killed',
  initial_state: { topics: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] },
  nodes: [
    {
      id: 'each',
      type: 'for_each',
      output_key: 'answers',
      config: {
        items: '{% topics %}',
        max_concurrency: CONCURRENCY,
        body: {
          nodes: [
            {
              id: 'ask',
              type: 'llm_chat',
              output_key: 'answer',
              config: { prompt: 'What of {{ $item }}, please say it in a sentence?' },
            },
          ],
        },
      },
    },
    {
      id: 'again',
      type: 'loop',
      config: {
        max_iterations: 3,
        until: '{% $index = 2 %}',
        body: {
          nodes: [
            {
              id: 'think',
              type: 'llm_chat',
              output_key: 'thought',
              config: { prompt: 'Think about {{ answers }}' },
            },
          ],
        },
      },
    },
  ],
};

/** Stands for a kill: an error that nothing in a segment holds up. */
const killed = () => new StatebagError('Store.Unavailable', 'killed');

/**
 * Counts steps to the outside, and dies before or after the one with this number; calls under way with others
 * die too.
 */
function mortal(dieAt: number) {
  let steps = 0;
  let dead = false;
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    steps += 1;
    const own = steps;
    if (dead || own === dieAt) {
      dead = true;
      throw killed();
    }
    const result = await work();
    if (dead) throw killed();
    return result;
  };
}

function dyingStore(store: ObjectStore, step: ReturnType<typeof mortal>): ObjectStore {
  return {
    put: (uri, object) => step(() => store.put(uri, object)),
    get: (uri, range) => step(() => store.get(uri, range)),
  };
}

/** The model, and how often it was asked what. */
function countedModel() {
  const asked: string[] = [];
  const real = createProviders();
  const providers: LlmProviders = async (name) => {
    const provider = await real(name);
    return {
      complete: async (request) => {
        asked.push(request.idempotency_key);
        return provider.complete(request);
      },
    };
  };
  return { asked, providers };
}

function workflow() {
  const { workflow: read, diagnostics } = readWorkflow(JSON.stringify(DOCUMENT), { file: 'killed.json' });
  if (read) return compileWorkflow(read);
  throw new Error(JSON.stringify(diagnostics));
}

async function survives(dieAt: number): Promise<boolean> {
  const store = new MemoryObjectStore();
  const { asked, providers } = countedModel();
  const step = mortal(dieAt);
  const dying: LlmProviders = async (name) => {
    const provider = await providers(name);
    return { complete: (request) => step(() => provider.complete(request)) };
  };
  const first = await runInSegments(workflow(), {
    input: {},
    providers: dying,
    store: dyingStore(store, step),
  }).then(
    () => 'ended',
    () => 'killed',
  );
  const { state } = await runInSegments(workflow(), { input: {}, providers, store });
  const undisturbed = await runInSegments(workflow(), { input: {}, providers: createProviders() });
  expect(state).toEqual(undisturbed.state);
  expect(asked.length).toBeLessThanOrEqual(new Set(asked).size + CONCURRENCY);
  return first === 'ended';
}

describe('a run that is killed and tried again', () => {
  test('ends the same after a kill at any step, and asks again at most what was under way', async () => {
    let dieAt = 1;
    while (!(await survives(dieAt))) dieAt += 1;
    expect(dieAt).toBeGreaterThan(30);
  });
});
