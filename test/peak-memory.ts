import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Json } from '@statebag/contracts';
import type { DeployedTestApp } from './deployed-app.ts';

const BUILD = join(import.meta.dirname, '..', '.build');
/** What Lambda's runtime gives V8 of a function's 256 MB. */
const HEAP = ['--max-old-space-size=230', '--max-semi-space-size=12'];

const RUN = `
const { handler } = require(process.argv[1]);
const { existsSync, readFileSync } = require('node:fs');
const event = JSON.parse(readFileSync(process.argv[2], 'utf8'));
// The system's own count may begin with what the parent held when it forked; that of the address space does
// not.
const peak = () => existsSync('/proc/self/status') ? Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) : process.resourceUsage().maxRSS;
handler(event, { getRemainingTimeInMillis: () => 600000 }).then((reply) => {
  process.stdout.write(JSON.stringify({ reply, bytes: peak() * 1024 }));
  process.exit(0);
}, (error) => { process.stderr.write(String(error.stack)); process.exit(1); });
`;

export interface Measured {
  readonly reply: Json;
  /** The most memory the process held, all in all. */
  readonly bytes: number;
}

/**
 * Handles an event with a deployed bundle in a process of its own, which holds nothing else, and measures
 * that process.
 */
export async function measureAlone(app: DeployedTestApp, bundle: string, event: string): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'statebag-memory-'));
  try {
    await writeFile(join(folder, 'event.json'), event);
    const environment = {
      ...app.cloud.environment,
      STATE_BUCKET: 'statebag-test',
      EVENT_BUS: 'default',
      STAGE: 'test',
      MOCK_MODE: 'true',
    };
    const args = [...HEAP, '-e', RUN, join(BUILD, `${bundle}.cjs`), join(folder, 'event.json')];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      env: { ...process.env, ...environment, NODE_OPTIONS: '' },
      maxBuffer: 16_000_000,
    });
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}
