import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

/*
 * What a newcomer has to write for an action, a node type and a route of the API. All three are added to a
 * copy of the repository, each made after one that exists; then everything derived is generated.
 */

const ROOT = join(import.meta.dirname, '..');
const execute = promisify(execFile);

const ACTIONS = 'packages/contracts/src/schemas/actions.ts';
const STEPS = 'packages/steps/src/actions';
const NODES = 'packages/workflow/src/nodes';
const ROUTES = 'packages/api/src/routes.ts';
const API = 'services/workflow-api';

/** The files that were written by hand, by what they were written for. */
const WRITTEN = {
  action: [ACTIONS, `${STEPS}/keep-place.ts`],
  node: [`${NODES}/nap.ts`, `${NODES}/node-table.ts`],
  route: [ROUTES, `${API}/src/list-ended/handler.ts`],
};

let copy: string;
let generated: string[];

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'statebag-additions-'));
  copyRepository();
  addAction();
  addNodeType();
  addRoute();
  await inCopy(process.execPath, 'scripts/generate.ts');
  const changed = git('status', '--porcelain', '--untracked-files=all').map((line) => line.slice(3));
  const written = new Set(Object.values(WRITTEN).flat());
  expect(changed).toEqual(expect.arrayContaining([...written]));
  generated = changed.filter((path) => !written.has(path));
}, 120_000);

afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('whatever else changes is generated, and the types agree with it', async () => {
  const list = `const { generatedFiles } = await import('./scripts/generate/generated-files.ts');
    console.log(JSON.stringify([...(await generatedFiles()).keys()]));`;
  const [text] = await Promise.all([
    inCopy(process.execPath, '--input-type=module', '--eval', list),
    inCopy(join(ROOT, 'node_modules', '.bin', 'tsc'), '-p', 'tsconfig.json'),
  ]);
  const derived: string[] = JSON.parse(text);
  expect(generated.filter((path) => !derived.includes(path))).toEqual([]);
}, 120_000);

test('a new action is two files, and the function accepts it', async () => {
  expect(WRITTEN.action).toHaveLength(2);
  const invoke = `const { aService, readEvent } = await import('./packages/steps/test/build.ts');
    const { invoke } = await aService();
    console.log(JSON.stringify(await invoke(readEvent('keep_place'))));`;
  const reply = await inCopy(process.execPath, '--input-type=module', '--eval', invoke);
  expect(JSON.parse(reply)).toMatchObject({ next_action: 'CONTINUE', state_data: { status: 'CONTINUE' } });
  expect(read('docs/actions.md')).toContain('| `keep_place` |');
});

test('a new node type is two files, and a workflow that uses it is valid', async () => {
  expect(WRITTEN.node).toHaveLength(2);
  const path = join(copy, 'naps.json');
  const workflow = { name: 'naps', nodes: [{ id: 'rest', type: 'nap', config: { seconds: 5 } }] };
  writeFileSync(path, JSON.stringify(workflow));
  await inCopy(process.execPath, 'packages/cli/src/main.ts', 'validate', path);
  expect(read('docs/node-types.md')).toContain('## nap');
});

test('a new route is two files: it is deployed with its rights, and the API describes it', () => {
  expect(WRITTEN.route).toHaveLength(2);
  expect(read(`${API}/serverless.yml`)).toContain('handler: src/list-ended/handler.handler');
  const { paths } = JSON.parse(read('docs/openapi.json'));
  expect(paths).toHaveProperty(['/ended', 'get', 'operationId'], 'listEnded');
});

/** The working tree as git sees it, with the dependencies of this one and the packages of its own. */
function copyRepository(): void {
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: ROOT });
  const files = listed.toString().split('\0');
  for (const path of files.filter((each) => each !== '' && existsSync(join(ROOT, each))))
    cpSync(join(ROOT, path), join(copy, path));
  linkDependencies(new Set(files.filter((path) => path.endsWith('/package.json')).map(dirname)));
  git('init', '--quiet');
  git('add', '--all');
  git('-c', 'user.name=test', '-c', 'user.email=test@localhost', 'commit', '--quiet', '--message', 'before');
}

/** Links between the packages are relative, so a copy of them leads to the packages of the copy. */
function linkDependencies(packages: ReadonlySet<string>): void {
  const linked = [...packages].map((folder) => join(folder, 'node_modules'));
  for (const folder of [...linked, join('node_modules', '@statebag')].filter((each) =>
    existsSync(join(ROOT, each)),
  ))
    cpSync(join(ROOT, folder), join(copy, folder), { recursive: true, verbatimSymlinks: true });
  for (const name of readdirSync(join(ROOT, 'node_modules')).filter((each) => each !== '@statebag'))
    symlinkSync(join(ROOT, 'node_modules', name), join(copy, 'node_modules', name));
}

function addAction(): void {
  const [declaration] = /export const CreateSnapshotEventSchema[\s\S]*?\nexport type .*\n/.exec(
    read(ACTIONS),
  ) ?? [''];
  write(ACTIONS, `${read(ACTIONS)}\n${asKeepPlace(declaration)}`);
  write(`${STEPS}/keep-place.ts`, asKeepPlace(read(`${STEPS}/create-snapshot.ts`)));
}

function asKeepPlace(text: string): string {
  return text
    .replaceAll('create_snapshot', 'keep_place')
    .replaceAll('createSnapshot', 'keepPlace')
    .replaceAll('CreateSnapshot', 'KeepPlace');
}

function addNodeType(): void {
  const module = read(`${NODES}/wait.ts`)
    .replace('const wait', 'const nap')
    .replace("type: 'wait'", "type: 'nap'")
    .replace(/aliases: .*/, 'aliases: [],');
  write(`${NODES}/nap.ts`, module);
  const table = read(`${NODES}/node-table.ts`);
  write(
    `${NODES}/node-table.ts`,
    `import { nap } from './nap.ts';\n${table.replace(/^ {2}wait,$/m, '  wait,\n  nap,')}`,
  );
}

function addRoute(): void {
  const [row = ''] =
    / {2}\{\n {4}method: 'GET',\n {4}path: '\/runs',[\s\S]*?\n {2}\},\n/.exec(read(ROUTES)) ?? [];
  write(ROUTES, read(ROUTES).replace(row, row + asListEnded(row)));
  const handler = read(`${API}/src/list-runs/handler.ts`).replace(
    "'./list-runs.ts'",
    "'../list-runs/list-runs.ts'",
  );
  write(`${API}/src/list-ended/handler.ts`, handler);
}

function asListEnded(text: string): string {
  return text
    .replaceAll('listRuns', 'listEnded')
    .replaceAll('list-runs', 'list-ended')
    .replaceAll(/\/runs(?=$|')/gm, '/ended');
}

/** What a command prints; a command that fails says in the test why. */
async function inCopy(command: string, ...args: readonly string[]): Promise<string> {
  const done = await execute(command, args, { cwd: copy }).catch((error: Error & { stdout: string }) => {
    throw new Error(`${error.message}\n${error.stdout}`, { cause: error });
  });
  return done.stdout;
}

function git(...args: readonly string[]): string[] {
  return execFileSync('git', args, { cwd: copy, encoding: 'utf8' }).split('\n').filter(Boolean);
}

function read(path: string): string {
  return readFileSync(join(copy, path), 'utf8');
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  writeFileSync(join(copy, path), text);
}
