import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from './template.ts';
import { TEMPLATE_RULES } from './template-rules.ts';

export interface Packaged {
  readonly problems: readonly string[];
  /** Sizes of the artefacts, for the reader. */
  readonly summary: string;
  readonly seconds: number;
}

const TIMEOUT_MS = 120_000;

/** Packages one folder as `sls package` does, with further options if given, and checks its template. */
export async function packageService(root: string, folder: string, options: readonly string[] = []): Promise<Packaged> {
  const cwd = join(root, folder);
  const out = join(cwd, '.serverless');
  rmSync(out, { recursive: true, force: true });
  rmSync(join(cwd, '.esbuild'), { recursive: true, force: true });
  const started = performance.now();
  const { status, text } = await run(join(root, 'node_modules/.bin/sls'), ['package', ...options], cwd);
  const seconds = (performance.now() - started) / 1000;
  if (status !== 0) return { problems: text.trimEnd().split('\n').slice(-20), summary: 'not packaged', seconds };
  const zips = readdirSync(out).filter((file) => file.endsWith('.zip'));
  return {
    problems: templateProblems(join(out, 'cloudformation-template-update-stack.json')),
    summary: zips.map((zip) => `${zip} ${kilobytes(join(out, zip))}`).join(', ') || 'no code',
    seconds,
  };
}

function templateProblems(path: string): string[] {
  if (!existsSync(path)) return ['no template was written'];
  const template: Template = JSON.parse(readFileSync(path, 'utf8'));
  return Object.values(TEMPLATE_RULES).flatMap((rule) => rule(template));
}

function kilobytes(path: string): string {
  return `${Math.ceil(statSync(path).size / 1024)} KB`;
}

function run(command: string, args: readonly string[], cwd: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MS });
    let text = '';
    child.stdout.on('data', (chunk) => (text += String(chunk)));
    child.stderr.on('data', (chunk) => (text += String(chunk)));
    child.on('error', reject);
    child.on('close', (code) => resolve({ status: code ?? 1, text }));
  });
}
