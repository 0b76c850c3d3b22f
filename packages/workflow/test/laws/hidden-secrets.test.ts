import { expect, test } from '@jest/globals';
import { prove } from './hidden-secrets.ts';

test('a secret stands in nothing that a call leaves, and another value asks nothing again', async () =>
  expect(await prove({ count: 150 })).toContain('looked through'));
