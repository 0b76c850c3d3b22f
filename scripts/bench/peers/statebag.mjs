// `statebag dev` as a user starts it: runs are started over the HTTP API and waited for over Step Functions.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { answering, bound, freePort, post, stopped } from './process.mjs';
import { STEPS } from './work.mjs';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const OWNER = { authorization: 'Bearer local' };

export async function open({ data }) {
  const [port, api, viewer] = await Promise.all([freePort(), freePort(), freePort()]);
  const ports = ['--port', port, '--api-port', api, '--ui-port', viewer].map(String);
  const dev = bound(
    spawn(process.execPath, [join(ROOT, 'packages/cli/src/main.ts'), 'dev', ...ports, '--data-dir', data], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    }),
  );
  const url = `http://127.0.0.1:${api}/runs`;
  await answering(url, { headers: OWNER });
  const sfn = patient(
    new SFNClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: JSON.parse(readFileSync(join(data, 'access-key.json'), 'utf8')),
    }),
  );
  return { run: runner(sfn, url), settle: () => sleep(1000), close: () => stopped(dev) };
}

function runner(sfn, url) {
  let definition;
  return async (id, state) => {
    const workflow = definition ? { definition_id: definition } : { workflow: WORKFLOW };
    const body = { workflow_id: 'bench', ...workflow, input: state };
    const started = await post(url, body, { ...OWNER, 'idempotency-key': id });
    definition ??= started.definition_id;
    await ended(sfn, started.execution_id);
    // reading a run calls a function: nobody who waits for the end pays for it
    return () => outputOf(url, started.execution_id);
  };
}

const WORKFLOW = {
  name: 'bench',
  nodes: [
    ...Array.from({ length: STEPS }, (_, index) => ({
      id: `s${index}`,
      type: 'data_transform',
      output_key: `f${index + 10}`,
      config: { transform: `{% $substring(f${index}, 1) & $substring(f${index}, 0, 1) %}` },
    })),
    {
      id: 'result',
      type: 'output',
      config: { fields: Array.from({ length: STEPS }, (_, index) => `f${index + 10}`) },
    },
  ],
};

async function ended(sfn, run) {
  const executionArn = `arn:aws:states:us-east-1:000000000000:execution:statebag-v3-local:${run}`;
  for (;;) {
    const { status, error, cause } = await sfn.send(
      new DescribeExecutionCommand({ executionArn, includedData: 'METADATA_ONLY' }),
    );
    if (status === 'SUCCEEDED') return;
    if (status !== 'RUNNING') throw new Error(`${run} ${status} ${error}: ${cause}`);
  }
}

/** A request is held until the run has ended: asking again and again would be a good part of the work. */
function patient(client) {
  client.middlewareStack.add(
    (next) => (args) => {
      args.request.headers.prefer = 'wait=60';
      return next(args);
    },
    { step: 'build' },
  );
  return client;
}

/** The record of a run has its output a moment after the run's end. */
async function outputOf(url, run) {
  for (let attempts = 300; attempts > 0; attempts--) {
    const answer = await fetch(`${url}/${run}`, { headers: OWNER });
    const { output } = await answer.json();
    if (output) return output;
    await sleep(100);
  }
  throw new Error(`the output of ${run} is not recorded`);
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
