import { expect, test } from '@jest/globals';
import { lawSeed } from '@statebag/law';
import { prove } from './rights.ts';

/** `npm run laws -- rights` removes every statement. This suite is quick where it fails, too. */
test('a statement that is taken away from its role is missed by a test', async () => {
  expect(
    await prove({ count: 1, seed: lawSeed(), witnessesIn: 'services/workflow-api/test/start-run' }),
  ).toContain('each missed by a test');
}, 600_000);
