import { expect, test } from '@jest/globals';
import { prove } from './commands.ts';

test('commands that are started and killed over one data directory lose no run', async () => {
  expect(await prove({ count: 3, seed: 44 })).toMatch(/^3 commands, [1-9]\d* runs, none lost$/);
}, 300_000);
