import { statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { bundleProgram, freshBundle } from './own-bundle.ts';

/** A file that is part of the program. */
const PART = join(import.meta.dirname, 'exit.ts');

test('the program is read from its bundle until a file that it was made of changes', async () => {
  await bundleProgram();
  const bundle = freshBundle();
  expect(bundle).toMatch(/program\.mjs$/);
  const { atime, mtime } = statSync(PART);
  utimesSync(PART, atime, new Date(mtime.getTime() + 1_000));
  try {
    expect(freshBundle()).toBeUndefined();
  } finally {
    utimesSync(PART, atime, mtime);
  }
});
