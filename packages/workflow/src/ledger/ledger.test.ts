import { describe, expect, test } from '@jest/globals';
import {
  isStatebagError,
  type JsonObject,
  type Sha256,
  StatebagError,
  type Timestamp,
} from '@statebag/contracts';
import type { ExecutionId, NodeId, OwnerId } from '@statebag/contracts/ids';
import { ledgerUri } from '@statebag/contracts/object-keys';
import type { FieldPointer } from '@statebag/contracts/schemas/pointers';
import { NO_USAGE } from '@statebag/state-core/core/usage';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import type { ObjectStore } from '@statebag/state-core/store/object-store';
import { readVerified } from '@statebag/state-core/store/read-verified';
import { createLedger, type OutsideCall } from './ledger.ts';

// good ids by sight
const LOCATION = { bucket: 'test-bucket', owner_id: 'owner' as OwnerId, execution_id: 'run' as ExecutionId };
const PLACE = { node_id: 'ask' as NodeId, node_version: 'a'.repeat(64) as Sha256, loop: '', item: '' };
const USAGE = { ...NO_USAGE, llm_calls: 1, input_tokens: 7 };

function ledger(store: ObjectStore, mayCall?: () => Promise<void>, run = LOCATION.execution_id) {
  const retry = { delayAfter: () => undefined, sleep: async () => {} };
  const read = async ({ s3_path, sha256 }: FieldPointer) =>
    (await readVerified({ uri: s3_path, sha256 }, { store, retry })).value;
  return createLedger(store, {
    location: { ...LOCATION, execution_id: run },
    branch_path: '',
    now: '2026-01-31T12:00:00Z' as Timestamp,
    read,
    ...(mayCall && { mayCall }),
  });
}

/** A call that counts how often it is made. */
function counted(result: JsonObject = { answer: 'yes' }, unsafe: OutsideCall['unsafe'] = false) {
  const made = { times: 0 };
  const call: OutsideCall = {
    input: { question: 'why' },
    unsafe,
    perform: async () => {
      made.times += 1;
      return { result, usage: USAGE };
    },
  };
  return { made, call };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'no error';
  } catch (error) {
    return isStatebagError(error) ? error.name : String(error);
  }
}

describe('a call', () => {
  test('is made once and then answered from the record, with its usage', async () => {
    const store = new MemoryObjectStore();
    const { made, call } = counted();
    const first = await ledger(store).call(PLACE, call);
    const later = ledger(store);
    expect(await later.call(PLACE, call)).toEqual(first);
    expect(made.times).toBe(1);
    expect(later.counts()).toEqual({ hits: 1, writes: 0 });
  });

  test('is not made, nor announced, where the run may call no more; what is recorded is still given', async () => {
    const store = new MemoryObjectStore();
    const [known, unknown] = [counted(), counted({}, 'fail')];
    const forbid = async () => {
      throw new StatebagError('Run.Cancelled', 'the run was cancelled');
    };
    const first = await ledger(store).call(PLACE, known.call);
    expect(await ledger(store, forbid).call(PLACE, known.call)).toEqual(first);
    const elsewhere = { ...PLACE, item: '1' };
    expect(await codeOf(ledger(store, forbid).call(elsewhere, unknown.call))).toBe('Run.Cancelled');
    expect(await ledger(store).call(elsewhere, unknown.call)).toEqual({ result: {}, usage: USAGE });
    expect(unknown.made.times).toBe(1);
  });

  const others: readonly [string, Partial<typeof PLACE>][] = [
    ['item', { item: '1' }],
    ['loop', { loop: '2' }],
    ['version of the node', { node_version: 'b'.repeat(64) as Sha256 }],
  ];
  for (const [what, place] of others) {
    test(`is another call in another ${what}`, async () => {
      const store = new MemoryObjectStore();
      const { made, call } = counted();
      await ledger(store).call(PLACE, call);
      await ledger(store).call({ ...PLACE, ...place }, call);
      expect(made.times).toBe(2);
    });
  }

  test('is another call with another input', async () => {
    const store = new MemoryObjectStore();
    const { made, call } = counted();
    await ledger(store).call(PLACE, call);
    await ledger(store).call(PLACE, { ...call, input: { question: 'how' } });
    expect(made.times).toBe(2);
  });

  test('leaves a large result beside its record and finds it again', async () => {
    const store = new MemoryObjectStore();
    const { call } = counted({ answer: 'x'.repeat(100_000) });
    const first = await ledger(store).call(PLACE, call);
    expect(store.uris().map((uri) => uri.split('/')[6])).toEqual(['blobs', 'ledger']);
    expect(await ledger(store).call(PLACE, call)).toEqual(first);
  });

  test('adopts the result of a faster writer', async () => {
    const store = new MemoryObjectStore();
    const slow = counted({ answer: 'slow' });
    const fast = counted({ answer: 'fast' });
    const overtaken: OutsideCall = {
      ...slow.call,
      perform: async (key) => {
        await ledger(store).call(PLACE, fast.call);
        return slow.call.perform(key);
      },
    };
    expect((await ledger(store).call(PLACE, overtaken)).result).toEqual({ answer: 'fast' });
  });

  test('fails as it failed, and records nothing', async () => {
    const store = new MemoryObjectStore();
    const { call } = counted();
    await expect(
      ledger(store).call(PLACE, { ...call, perform: async () => Promise.reject(new Error('boom')) }),
    ).rejects.toThrow('boom');
    expect(store.uris()).toEqual([]);
  });
});

describe('a call that must not be repeated', () => {
  const broken = (call: OutsideCall): OutsideCall => ({
    ...call,
    perform: async () => Promise.reject(new Error('killed')),
  });

  test('says what it is about to do before it does it', async () => {
    const store = new MemoryObjectStore();
    await ledger(store).call(PLACE, counted({}, 'fail').call);
    expect(store.uris().map((uri) => uri.endsWith('.intent.json'))).toEqual([true, false]);
  });

  test('is not made again when an earlier attempt left no result', async () => {
    const store = new MemoryObjectStore();
    const { made, call } = counted({}, 'fail');
    await expect(ledger(store).call(PLACE, broken(call))).rejects.toThrow('killed');
    expect(await codeOf(ledger(store).call(PLACE, call))).toBe('Ledger.OutcomeUnknown');
    expect(made.times).toBe(0);
  });

  test('is made again where its node says that repeating is harmless', async () => {
    const store = new MemoryObjectStore();
    const { made, call } = counted({}, 'retry');
    await expect(ledger(store).call(PLACE, broken(call))).rejects.toThrow('killed');
    await ledger(store).call(PLACE, call);
    expect(made.times).toBe(1);
  });
});

const NOWHERE = ledgerUri(LOCATION, 'none', 'record');

describe('for readers, a record says', () => {
  const recordOf = async (store: MemoryObjectStore, suffix = '.json') => {
    const [uri = NOWHERE] = store.uris().filter((each) => each.endsWith(suffix));
    return JSON.parse(Buffer.from((await store.get(uri)).body).toString());
  };

  test('what was asked and from where', async () => {
    const store = new MemoryObjectStore();
    await ledger(store).call({ ...PLACE, item: '13' }, counted().call);
    expect(await recordOf(store)).toMatchObject({
      place: { branch_path: '', loop: '', item: '13' },
      asked: { question: 'why' },
      asked_bytes: 18,
    });
  });

  test('the beginning of what was asked, where it is long, and how long it was', async () => {
    const store = new MemoryObjectStore();
    const input = {
      prompt: 'p'.repeat(300_000),
      earlier: Array.from({ length: 400 }, (_, n) => `turn ${n}`),
    };
    await ledger(store).call(PLACE, { ...counted().call, input });
    const { asked, asked_bytes } = await recordOf(store);
    expect(asked_bytes).toBeGreaterThan(300_000);
    expect(JSON.stringify(asked).length).toBeLessThan(16_384);
    expect(asked.prompt).toMatch(/^p+…$/);
    expect(asked.earlier.at(-1)).toBe('turn 399');
  });

  test('how each attempt failed of a call that may be made again, and nothing keeps it from being made', async () => {
    const store = new MemoryObjectStore();
    const { made, call } = counted();
    const refuse = async () => {
      throw new StatebagError('Http.Refused', 'answered 422');
    };
    for (let attempt = 0; attempt < 2; attempt += 1)
      expect(await codeOf(ledger(store).call(PLACE, { ...call, perform: refuse }))).toBe('Http.Refused');
    expect(await recordOf(store, '.end-1.json')).toMatchObject({
      node_id: 'ask',
      error: 'Http.Refused',
      message: 'answered 422',
      asked: { question: 'why' },
    });
    await ledger(store).call(PLACE, call);
    expect(made.times).toBe(1);
  });
});

describe('a fork', () => {
  const of = (run: string, store: ObjectStore) => ledger(store, undefined, run as ExecutionId);

  test('takes over what the runs before it recorded at the same place, and records nothing of it', async () => {
    const store = new MemoryObjectStore();
    const { made, call } = counted();
    await of('run', store).call(PLACE, call);
    const fork = of('run.fabcd.f1234', store);
    expect(await fork.call(PLACE, call)).toEqual({ result: { answer: 'yes' }, usage: USAGE });
    expect((await fork.lookUp(PLACE, call.input)).recorded?.usage).toEqual(USAGE);
    expect({ ...made, ...fork.counts() }).toEqual({ times: 1, hits: 2, writes: 0 });
    await fork.call({ ...PLACE, item: '7' }, call);
    expect({ ...made, ...fork.counts() }).toEqual({ times: 2, hits: 2, writes: 1 });
  });

  test('takes over nothing of its own forks, of others, and of runs whose name only looks alike', async () => {
    const store = new MemoryObjectStore();
    const { made, call } = counted();
    await of('run.fabcd', store).call(PLACE, call);
    for (const run of ['run.fzzzz', 'run.fabcde', 'run.fabc', 'run.xabcd', 'run'])
      await of(run, store).call(PLACE, call);
    expect(made.times).toBe(6);
  });

  test('does not do again what a run before it began and left without a result', async () => {
    const store = new MemoryObjectStore();
    const { made, call } = counted({ answer: 'yes' }, 'fail');
    const { key } = await of('run', store).lookUp(PLACE, call.input);
    const uri = ledgerUri(LOCATION, key, { of: 'intent', attempt: 0 });
    await store.put(uri, { body: Buffer.from('{}'), encoding: 'json' });
    expect(await codeOf(of('run.fabcd', store).call(PLACE, call))).toBe('Ledger.OutcomeUnknown');
    expect(made.times).toBe(0);
    const harmless = counted({ answer: 'yes' }, 'retry');
    await of('run.fabcd', store).call(PLACE, harmless.call);
    expect(harmless.made.times).toBe(1);
  });
});
