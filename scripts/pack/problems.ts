import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import type { Packed } from './pack-package.ts';

/** What publint and Are The Types Wrong say of a tarball: nothing, where it can be published. */
export async function problemsOf({ file, name }: Packed): Promise<readonly string[]> {
  const bytes = readFileSync(file);
  return [...(await lint(bytes)), ...(await typeProblems(bytes)).map((problem) => `${name}: ${problem}`)];
}

async function lint(bytes: Buffer): Promise<readonly string[]> {
  const tarball = new Uint8Array(bytes).buffer;
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, pkg) ?? message.code}`);
}

async function typeProblems(bytes: Buffer): Promise<readonly string[]> {
  const checked = await checkPackage(createPackageFromTarballData(new Uint8Array(bytes)), {
    excludeEntrypoints: ['./serverless'], // a plugin: the framework imports it, and no program does
  });
  if (!checked.types) return []; // a package without types, as a command line is
  // Node loads modules by require, too, from the first version on that these packages need
  const real = checked.problems.filter(({ kind }) => kind !== 'CJSResolvesToESM');
  return real.map((problem) => `types: ${JSON.stringify(problem)}`);
}
