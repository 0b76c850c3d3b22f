import { describe, expect, test } from '@jest/globals';
import { type JsonObject, StatebagError } from '@statebag/contracts';
import { readWorkflow } from '../index.ts';
import { withRetry } from './retry.ts';

/** A turn of a node whose waits take no time; what it waited is noted. */
function aTurn({ made = 0, left = 60_000, mayYield = true } = {}) {
  const waited: number[] = [];
  const context = {
    resume: { item: made },
    timeLeft: (millis: number) => Math.min(millis, left),
    clock: () => 1_000,
    mayYield,
    pause: async (millis: number) => {
      waited.push(millis);
    },
  };
  return { context, waited };
}

/** Fails so many times, then gives its number. */
function failing(times: number, error = new StatebagError('Http.Unavailable', '503')) {
  let made = 0;
  return async () => {
    made += 1;
    if (made <= times) throw error;
    return made;
  };
}

describe('a call with retry', () => {
  test('is made again after waits that grow', async () => {
    const { context, waited } = aTurn();
    expect(await withRetry(context, { attempts: 5 }, failing(3))).toBe(4);
    expect(waited).toEqual([1_000, 2_000, 4_000]);
  });

  test('waits as the node says', async () => {
    const { context, waited } = aTurn();
    await withRetry(context, { attempts: 4, interval_s: 0.5, backoff: 1 }, failing(3));
    expect(waited).toEqual([500, 500, 500]);
  });

  test('fails with the last error when no attempt is left', async () => {
    await expect(withRetry(aTurn().context, { attempts: 3 }, failing(3))).rejects.toMatchObject({
      name: 'Node.RetriesExhausted',
      message: '3 attempts failed; the last with Http.Unavailable: 503',
      details: { attempts: 3, last_error: 'Http.Unavailable' },
    });
  });

  test('is not made again for an error that will not pass, unless the node names it', async () => {
    const refused = new StatebagError('Http.Refused', '404');
    await expect(withRetry(aTurn().context, { attempts: 3 }, failing(1, refused))).rejects.toBe(refused);
    expect(
      await withRetry(aTurn().context, { attempts: 3, errors: ['Http.Refused'] }, failing(1, refused)),
    ).toBe(2);
  });

  test('is never made again where its outcome is unknown', async () => {
    const unknown = new StatebagError('Ledger.OutcomeUnknown', 'it left');
    await expect(withRetry(aTurn().context, { attempts: 3 }, failing(1, unknown))).rejects.toBe(unknown);
  });

  test.each([
    ['is long', { interval_s: 10 }, {}],
    ['does not fit the invocation', { interval_s: 5 }, { left: 4_000 }],
  ])('leaves a wait that %s to the state machine, and goes on counting', async (_which, retry, turn) => {
    const { context } = aTurn({ ...turn, made: 1 });
    expect(await withRetry(context, { attempts: 5, backoff: 1, ...retry }, failing(9))).toEqual({
      kind: 'yield',
      item: 2,
      progress: null,
      wait_until: 1_000 + retry.interval_s * 1_000,
    });
    const last = aTurn({ ...turn, made: 4 });
    await expect(withRetry(last.context, { attempts: 5, ...retry }, failing(9))).rejects.toMatchObject({
      name: 'Node.RetriesExhausted',
    });
  });

  test('in a list waits here, and gives up the invocation where the wait does not fit', async () => {
    const roomy = aTurn({ mayYield: false });
    expect(await withRetry(roomy.context, { attempts: 2, interval_s: 20 }, failing(1))).toBe(2);
    const narrow = aTurn({ mayYield: false, left: 4_000 });
    await expect(
      withRetry(narrow.context, { attempts: 2, interval_s: 20 }, failing(1)),
    ).rejects.toMatchObject({ name: 'Http.Unavailable' });
  });
});

const call = (retry: JsonObject | number, more: JsonObject = {}) => ({
  name: 'w',
  nodes: [{ id: 'n', type: 'llm_chat', output_key: 'x', config: { prompt: 'p', retry, ...more } }],
});

describe('a retry that is written wrong is found', () => {
  test.each([
    ['a number', call(3), 'wrong-shape $.nodes[0].config.retry'],
    ['no attempts', call({}), 'missing-key $.nodes[0].config.retry'],
    ['one attempt', call({ attempts: 1 }), 'out-of-range $.nodes[0].config.retry.attempts'],
    ['an unknown key', call({ attempts: 2, delay: 1 }), 'unknown-key $.nodes[0].config.retry.delay'],
    [
      'an unknown error',
      call({ attempts: 2, errors: ['Oops'] }),
      'wrong-shape $.nodes[0].config.retry.errors',
    ],
    ['with async', call({ attempts: 2 }, { async: true }), 'wrong-shape $.nodes[0].config'],
  ])('%s', (_what, document, expected) => {
    const { diagnostics } = readWorkflow(JSON.stringify(document), { file: 'w.json' });
    expect(diagnostics.map(({ code, path }) => `${code} ${path}`)).toEqual([expected]);
  });
});
