import { describe, expect, test } from '@jest/globals';
import { evaluationBudget } from './evaluation-budget.ts';

/** A budget whose evaluations take as long as they are said to. */
function clocked(mayGoOn?: () => Promise<void>) {
  let time = 0;
  const budget = evaluationBudget({ clock: () => time, ...(mayGoOn && { mayGoOn }) });
  const take = (millis: number) =>
    budget.during(async () => {
      time += millis;
      return millis;
    });
  return { budget, take, pass: (millis: number) => (time += millis) };
}

describe('the evaluations of an invocation', () => {
  test('are enough after a minute, and refused after five', async () => {
    const { budget, take } = clocked();
    await take(60_000);
    expect(budget.isShort()).toBe(false);
    await take(1);
    expect(budget.isShort()).toBe(true);
    await take(240_000);
    await expect(take(1)).rejects.toMatchObject({ name: 'Expression.LimitExceeded' });
  });

  test('do not count what passes between them', async () => {
    const { budget, take, pass } = clocked();
    await take(1_000);
    pass(800_000);
    await take(1_000);
    expect(budget.isShort()).toBe(false);
  });

  test('count once where many are under way', async () => {
    const { budget, pass } = clocked();
    let finish = () => {};
    const end = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const many = Array.from({ length: 40 }, () => budget.during(() => end));
    await Promise.resolve();
    pass(30_000);
    finish();
    await Promise.all(many);
    expect(budget.isShort()).toBe(false);
  });

  test('ask once a second whether the run goes on, and end where it does not', async () => {
    let asked = 0;
    const { take } = clocked(async () => {
      asked += 1;
      if (asked === 3) throw new Error('cancelled');
    });
    const taken: number[] = [];
    const all = async () => {
      for (let count = 0; count < 100; count += 1) taken.push(await take(100));
    };
    await expect(all()).rejects.toThrow('cancelled');
    expect(taken).toHaveLength(30);
  });
});
