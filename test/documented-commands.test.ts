import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ModelServer, modelServer } from '@statebag/workflow/testing/model-server';

const ROOT = join(import.meta.dirname, '..');
/** The tutorial has blocks of several runs each, on a machine that may have other things to do. */
const LONGEST_MS = 240_000;

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
let model: ModelServer;

/** A folder as a reader has it after cloning, with a workflow of his own in it, and a model to ask. */
beforeAll(async () => {
  model = await modelServer({ delayMs: 300 });
  folder = mkdtempSync(join(tmpdir(), 'statebag-docs-'));
  mkdirSync(join(folder, 'bin'));
  symlinkSync(join(ROOT, 'bin', 'statebag'), join(folder, 'bin', 'statebag'));
  for (const part of ['docs', 'examples', 'packages', 'stepfunctions'])
    symlinkSync(join(ROOT, part), join(folder, part));
  cpSync(join(ROOT, 'examples/agent-loop/workflow.json'), join(folder, 'my-workflow.json'));
  cpSync(join(ROOT, 'examples/agent-loop/input.json'), join(folder, 'input.json'));
});
afterAll(async () => {
  await model.close();
  rmSync(folder, { recursive: true, force: true });
});

test('there are commands that are marked to be run', () => {
  expect([...new Set(blocks.map(({ file }) => dirname(file)))]).toEqual(
    expect.arrayContaining(['.', 'docs']),
  );
});

test.each(blocks.map((block) => [`${block.file}:${block.line}`, block.commands] as const))(
  'the commands at %s work as they stand',
  async (_, commands) => {
    const { status, text } = await ran(commands);
    expect({ status, said: status === 0 ? '' : text }).toEqual({ status: 0, said: '' });
  },
  LONGEST_MS,
);

/** Not spawnSync: the model that is asked answers from this process. */
function ran(commands: string): Promise<{ readonly status: number | null; readonly text: string }> {
  const child = spawn('sh', ['-eu', '-c', commands], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, MODEL_URL: model.url, MODEL_KEY: 'key' },
    timeout: LONGEST_MS,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      text += String(chunk);
    });
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, text })));
}
