import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { law } from './law.ts';

describe('a law that holds', () => {
  test.each([undefined, 1, 37])('ran all %p cases', (cases) => {
    let ran = 0;
    law(
      fc.property(fc.nat(), () => {
        ran += 1;
      }),
      cases === undefined ? {} : { cases },
    );
    expect(ran).toBe(cases ?? 100);
  });

  test('ran all cases when they are promises', async () => {
    let ran = 0;
    const property = fc.asyncProperty(fc.nat(), async () => {
      await Promise.resolve();
      ran += 1;
    });
    await law(property, { cases: 50 });
    expect(ran).toBe(50);
  });

  test('adds its cases to the count of the tests', () => {
    const folder = mkdtempSync(join(tmpdir(), 'law-'));
    const replaced = jest.replaceProperty(process, 'env', { STATEBAG_LAW_CASES: join(folder, 'cases') });
    law(
      fc.property(fc.nat(), () => undefined),
      { cases: 7 },
    );
    law(
      fc.property(fc.nat(), () => undefined),
      { cases: 8 },
    );
    replaced.restore();
    expect(readFileSync(join(folder, 'cases'), 'utf8')).toBe('7\n8\n');
    rmSync(folder, { recursive: true });
  });
});

describe('the cases of a law', () => {
  const drawn = (given: string | undefined): readonly number[] => {
    const replaced = jest.replaceProperty(process, 'env', given ? { STATEBAG_LAW_SEED: given } : {});
    try {
      const values: number[] = [];
      law(
        fc.property(fc.nat(), (value) => void values.push(value)),
        { cases: 20 },
      );
      return values;
    } finally {
      replaced.restore();
    }
  };

  test('are the same for the same seed, and others for another', () => {
    expect(drawn('7')).toEqual(drawn('7'));
    expect(drawn('8')).not.toEqual(drawn('7'));
    expect(drawn(undefined)).not.toEqual(drawn(undefined));
  });

  test('are not drawn for a seed that is no number', () =>
    expect(() => drawn('luck')).toThrow('STATEBAG_LAW_SEED is a whole number, not "luck"'));
});

describe('a law does not hold', () => {
  const isSmall = (value: number): void => {
    if (value > 1_000) throw new RangeError(`${value} is large`);
  };

  test('when a case breaks it; the smallest one is told', () =>
    expect(() => law(fc.property(fc.nat(), isSmall))).toThrow(
      /Counterexample: \[1001\][\s\S]*1001 is large/,
    ));

  test('when a case rejects', async () => {
    const property = fc.asyncProperty(fc.nat(), async (value) => isSmall(value));
    await expect(law(property)).rejects.toThrow(/Counterexample: \[1001\][\s\S]*1001 is large/);
  });

  test('when a case breaks it once and not again', () => {
    let broke = false;
    const once = fc.property(fc.nat(), () => {
      if (broke) return;
      broke = true;
      throw new Error('the first time only');
    });
    expect(() => law(once)).toThrow('the first time only');
  });

  test('when it was interrupted before all of its cases ran', async () => {
    fc.configureGlobal({ interruptAfterTimeLimit: 40, markInterruptAsFailure: false });
    try {
      const slow = fc.asyncProperty(fc.nat(), () => pause(5));
      await expect(law(slow, { cases: 50 })).rejects.toThrow(
        /only \d+ of 50 cases ran|interrupted after 0 tests/,
      );
    } finally {
      fc.resetConfigureGlobal();
    }
  });

  test('when its cases can hardly be drawn', () =>
    expect(() => law(fc.property(fc.nat(), () => fc.pre(false)))).toThrow(/too many pre-condition failures/));
});
