import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..');
const LONGEST_MS = 60_000;

interface Block {
  readonly file: string;
  readonly line: number;
  readonly commands: string;
}

/** Blocks of shell commands under the mark `<!-- run -->`, in every document that git knows. */
function markedBlocks(): readonly Block[] {
  const files = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
  return files.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    return [...text.matchAll(/<!-- run -->\n```sh\n([\s\S]*?)```/g)].map(({ index, 1: commands = '' }) => ({
      file,
      line: text.slice(0, index).split('\n').length,
      commands,
    }));
  });
}

const blocks = markedBlocks();
let folder: string;

/** A folder as a reader has it after cloning, with a workflow of his own in it. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'statebag-docs-'));
  mkdirSync(join(folder, 'bin'));
  symlinkSync(join(ROOT, 'bin', 'statebag'), join(folder, 'bin', 'statebag'));
  symlinkSync(join(ROOT, 'examples'), join(folder, 'examples'));
  cpSync(join(ROOT, 'examples/agent-loop/workflow.json'), join(folder, 'my-workflow.json'));
  cpSync(join(ROOT, 'examples/agent-loop/input.json'), join(folder, 'input.json'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('there are commands that are marked to be run', () => {
  expect([...new Set(blocks.map(({ file }) => dirname(file)))]).toEqual(expect.arrayContaining(['.', 'docs']));
});

test.each(blocks.map((block) => [`${block.file}:${block.line}`, block.commands] as const))(
  'the commands at %s work as they stand',
  (_, commands) => {
    const { status, stderr, stdout } = spawnSync('sh', ['-eu', '-c', commands], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: folder },
      timeout: LONGEST_MS,
    });
    expect({ status, said: status === 0 ? '' : `${stdout}\n${stderr}` }).toEqual({ status: 0, said: '' });
  },
  LONGEST_MS,
);
