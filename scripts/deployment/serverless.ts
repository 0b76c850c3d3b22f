import { spawn } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

export interface Place {
  readonly stage: string;
  readonly region: string;
}

/** Runs the framework over all stacks; Compose knows their order. Resolves with the exit code. */
export function serverless(command: 'deploy' | 'remove', { stage, region }: Place): Promise<number> {
  const child = spawn(join(ROOT, 'node_modules/.bin/sls'), [command, '--stage', stage], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, AWS_REGION: region, AWS_DEFAULT_REGION: region },
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
