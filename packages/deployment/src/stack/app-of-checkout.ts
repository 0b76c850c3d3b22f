import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DeployError, type Stamps, stampAll, stampsNow, writeWhole } from '@statebag/local-cloud';
import type { AppTemplate } from '../project/app.ts';
import { deployables } from '../stacks.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
/** `npm run pack-packages` put it into the published package, which has no framework. */
const SHIPPED = join(ROOT, 'dist', 'app.json');
const KEPT = join(ROOT, '.build', 'app');
const PROGRAM = join(import.meta.dirname, 'make-app.ts');
const LONGEST_MS = 180_000;

/** Choices that change more of a template than a text, by their names. */
type Structural = Readonly<Record<string, string>>;

/** An app with the hash of all that it says. */
export interface ReadApp {
  readonly app: AppTemplate;
  readonly sha256: string;
}

/** What an app was made from; while none of it changes it is used again. */
interface Receipt {
  readonly inputs: Stamps;
}

/** The app where nothing that it is made of has changed; undefined where it has to be made. */
export async function readyApp(structural: Structural = {}): Promise<ReadApp | undefined> {
  if (existsSync(SHIPPED)) {
    refuseUnshipped(structural);
    return readApp(SHIPPED);
  }
  const { file, receipt: path } = placesOf(structural);
  if (!existsSync(path) || !existsSync(file)) return undefined;
  // written below, and by nobody else
  const { inputs } = JSON.parse(await readFile(path, 'utf8')) as Receipt;
  const now = stampsNow(inputs);
  if (now === undefined) return undefined;
  if (now !== inputs) await writeReceipt(path, now);
  return readApp(file);
}

const inMaking = new Map<string, Promise<ReadApp>>();

/** Has the framework make it, once for all of a process that ask meanwhile. @throws DeployError in its words */
export function makeApp(structural: Structural = {}): Promise<ReadApp> {
  const { file } = placesOf(structural);
  const begun = inMaking.get(file);
  if (begun) return begun;
  const making = madeApp(structural).finally(() => inMaking.delete(file));
  inMaking.set(file, making);
  return making;
}

async function madeApp(structural: Structural): Promise<ReadApp> {
  const { file, receipt } = placesOf(structural);
  const inputs = stampAll(appSources());
  mkdirSync(KEPT, { recursive: true });
  const made = `${file}.${process.pid}.made`;
  const given = Object.entries(structural).map(([name, value]) => `${name}=${value}`);
  await run(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, ROOT, made, ...given], {
    env: environment(),
    timeout: LONGEST_MS,
  }).catch((cause: unknown) => {
    throw new DeployError(`the templates cannot be packaged: ${reasonOf(cause)}`, { cause });
  });
  await rename(made, file);
  await writeReceipt(receipt, inputs);
  return readApp(file);
}

function writeReceipt(path: string, inputs: Stamps): Promise<void> {
  return writeWhole(path, JSON.stringify({ inputs } satisfies Receipt));
}

const run = promisify(execFile);

/** The app, made first where it has to be. */
export async function currentApp(): Promise<AppTemplate> {
  const { app } = (await readyApp()) ?? (await makeApp());
  return app;
}

/** What it is made of, whichever choices there are; nothing where it was shipped. */
export function appSources(): string[] {
  if (existsSync(SHIPPED)) return [];
  const folders = [
    ...deployables(ROOT),
    'stepfunctions/definitions',
    'packages/deployment',
    ...['project', 'package', 'stack'].map((name) => `packages/deployment/src/${name}`),
  ];
  const inFolders = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => /\.(yml|cjs|json|ts)$/.test(name) && !name.endsWith('.test.ts'))
      .map((name) => join(ROOT, folder, name)),
  );
  const alone = ['serverless-compose.yml', 'pnpm-lock.yaml', 'packages/deployment/src/stacks.ts'];
  return [...inFolders, ...alone.map((name) => join(ROOT, name))];
}

/** Choices of the environment are for deployments: here those count that are given. */
function environment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(STATEBAG|AWS)_/.test(name));
  return { ...Object.fromEntries(inherited), AWS_REGION: 'us-east-1' };
}

function placesOf(structural: Structural) {
  const entries = Object.entries(structural).sort();
  const digest = createHash('sha256').update(JSON.stringify(entries)).digest('hex').slice(0, 16);
  const name = entries.length === 0 ? 'app' : `app-${digest}`;
  return { file: join(KEPT, `${name}.json`), receipt: join(KEPT, `${name}.receipt.json`) };
}

function refuseUnshipped(structural: Structural): void {
  const [name] = Object.keys(structural);
  if (name !== undefined)
    throw new DeployError(`${name}: only a deployment chooses it\n  mend: leave it out of the parameters`);
}

async function readApp(file: string): Promise<ReadApp> {
  const text = await readFile(file, 'utf8');
  return { app: JSON.parse(text), sha256: createHash('sha256').update(text).digest('hex') };
}

/** What the program said, which is the framework's own reason. */
function reasonOf(cause: unknown): string {
  const { stderr } = Object(cause) as { readonly stderr?: unknown }; // of execFile
  const said = typeof stderr === 'string' ? stderr.replaceAll(/\n\s+at .*/g, '').trim() : '';
  return said === '' ? String(cause) : said;
}
