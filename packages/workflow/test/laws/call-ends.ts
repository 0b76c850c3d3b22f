import { isStatebagError, type JsonObject } from '@statebag/contracts';
import type { BranchPath } from '@statebag/contracts/ids';
import { law } from '@statebag/law';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import type { ObjectStore } from '@statebag/state-core/store/object-store';
import fc from 'fast-check';
import { compileWorkflow, createProviders, guardedHttp, readWorkflow, runSegment } from '../../src/index.ts';
import { type FailingServer, failingServer, STEPS, type Step } from '../failing-server.ts';
import { TEST_RUN, testLedger } from '../run-in-segments.ts';

/** Where no answer comes, and where one does, however busy the machine is. */
const WAIT_MS = { silent: 100, answered: 20_000 } as const;
const SECRET = 's3cret-in-the-query';

const anyStep = fc.constantFrom(...(Object.keys(STEPS) as Step[])); // the keys of a constant table
const anyCase = fc.record({
  method: fc.constantFrom('POST', 'PATCH'),
  steps: fc.array(anyStep, { minLength: 1, maxLength: 4 }),
});

/**
 * A call that must not be repeated, tried over a server that fails at any step: it is made again exactly where
 * it did nothing outside, its work is done at most once, and every failure has a code and its true cause.
 */
export async function prove({ count, seed }: { count: number; seed?: number }): Promise<string> {
  const server = await failingServer();
  let tries = 0;
  const holds = fc.asyncProperty(anyCase, async ({ method, steps }) => {
    const store = new MemoryObjectStore();
    const before = server.effects();
    let isUnknown = false;
    for (const step of steps) {
      tries += 1;
      const expected = STEPS[step];
      const { code, message } = await tried(server, { method, step, store });
      if (isUnknown) same(code, 'Ledger.OutcomeUnknown', step);
      else {
        same(code, expected.code, `${step}: ${message}`);
        if (!message.includes(expected.cause)) throw new Error(`${step}: no ${expected.cause} in ${message}`);
      }
      if (message.includes(SECRET)) throw new Error(`${step}: the query is shown: ${message}`);
      isUnknown ||= expected.end === 'unknown';
      if (!isUnknown && expected.end === 'done') break;
    }
    const done = server.effects() - before;
    if (done > 1) throw new Error(`the work was done ${done} times`);
  });
  try {
    await law(holds, { cases: count, ...(seed !== undefined && { seed }) });
  } finally {
    await server.close();
  }
  return `${tries} attempts`;
}

function same(met: string, expected: string, where: string): void {
  if (met !== expected) throw new Error(`${where}: expected ${expected || 'an answer'}, met ${met || 'one'}`);
}

interface Attempt {
  readonly method: string;
  readonly step: Step;
  readonly store: ObjectStore;
}

/** One attempt; the address is the same for the ledger, whichever server answers it. */
async function tried(
  server: FailingServer,
  { method, step, store }: Attempt,
): Promise<{ readonly code: string; readonly message: string }> {
  server.play(step);
  const really = guardedHttp({
    allowed_hosts: ['127.0.0.1'],
    lookup: (host) => Promise.reject(new Error(`getaddrinfo ENOTFOUND ${host}`)),
  });
  const config = {
    url: `http://order.example/order?key=${SECRET}`,
    method,
    body: { item: 'pen' },
    max_bytes: 100_000,
  };
  try {
    const { error_info } = await runNode(config, store, (request) =>
      really({
        ...request,
        url: `${server.addressFor(step)}?key=${SECRET}`,
        timeout_ms: step === 'no answer in time' ? WAIT_MS.silent : WAIT_MS.answered,
      }),
    );
    return { code: error_info?.error ?? '', message: error_info?.message ?? '' };
  } catch (error) {
    if (isStatebagError(error)) return { code: error.name, message: error.message };
    throw error;
  }
}

function runNode(config: JsonObject, store: ObjectStore, http: ReturnType<typeof guardedHttp>) {
  const document = {
    name: 'order',
    nodes: [{ id: 'order', type: 'api_call', output_key: 'answer', config }],
  };
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(document), { file: 'order.json' });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  const { segments, manifest } = compileWorkflow(workflow);
  const segment = segments.get(manifest.first_segment);
  if (!segment) throw new Error('no segment');
  // the root of a run
  const branch_path = '' as BranchPath;
  const run = {
    ...TEST_RUN,
    branch_path,
    loop_counter: 0,
    resume_count: 0,
    cursor: null,
    now: TEST_RUN.start_time,
  };
  return runSegment({
    segment,
    state: {},
    run,
    deadline: Number.POSITIVE_INFINITY,
    clock: () => 0,
    ledger: testLedger(store),
    providers: createProviders(),
    http,
  });
}
