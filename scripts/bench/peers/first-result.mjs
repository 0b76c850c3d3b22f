// node first-result.mjs: how long `statebag run` takes to print a result on a machine that has run it before.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workflowOf } from './statebag-workflows.mjs';
import { makeState } from './work.mjs';

const WARM = 2;
const RUNS = 7;
const STATEBAG = join(import.meta.dirname, '..', '..', '..', 'bin', 'statebag');

const { PEER_DATA: folder } = process.env;
const [workflow, input] = ['workflow.json', 'input.json'].map((file) => join(folder, file));
writeFileSync(workflow, JSON.stringify(workflowOf('steps')));
writeFileSync(input, JSON.stringify(makeState()));
const times = [];
for (let run = 0; run < WARM + RUNS; run++) times.push(await firstResult());
console.log(JSON.stringify({ ms: times.slice(WARM).sort((a, b) => a - b)[Math.floor(RUNS / 2)] }));

async function firstResult() {
  const from = performance.now();
  const args = ['run', workflow, '--input', input, '--data-dir', join(folder, 'data'), '--json'];
  const child = spawn(STATEBAG, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let ms;
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  child.stdout.on('data', () => {
    ms ??= performance.now() - from;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0 || ms === undefined) throw new Error(`statebag run ended with ${code}: ${said}`);
  return ms;
}
