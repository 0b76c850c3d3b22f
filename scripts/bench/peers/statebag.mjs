// `statebag dev` as a user starts it: runs are started over the HTTP API and waited for over Step Functions.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { startModel } from './model.mjs';
import { answering, bound, freePort, post, stopped } from './process.mjs';
import { workflowOf } from './statebag-workflows.mjs';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const OWNER = { authorization: 'Bearer local' };
/** So long it is left alone before anybody asks for its memory. */
const IDLE_MS = 2_000;
const LOOK_EVERY_MS = 50;

export async function open({ data, work }) {
  const triesCrash = Boolean(process.env.PEER_STEPS);
  const provider = triesCrash ? ['--provider-url', (await startModel()).url] : [];
  const [port, api, viewer] = await Promise.all([freePort(), freePort(), freePort()]);
  const ports = ['--port', port, '--api-port', api, '--ui-port', viewer].map(String);
  const args = ['dev', ...ports, ...provider, '--data-dir', data];
  const dev = bound(
    spawn(join(ROOT, 'bin', 'statebag'), args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, STATEBAG_LLM_API_KEY: 'none' },
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
  if (!triesCrash) await pause(IDLE_MS);
  return {
    run: runner({ sfn, url, workflow: workflowOf(work, triesCrash ? 'openai-compatible' : 'mock') }),
    drained: () => recorded(url),
    settle: () => pause(1000),
    memory: () => residentBytes(dev.pid),
    close: () => stopped(dev),
  };
}

function runner({ sfn, url, workflow }) {
  let definition;
  return async (id, state) => {
    const named = definition ? { definition_id: definition } : { workflow };
    const body = { workflow_id: 'bench', ...named, input: state };
    const started = await post(url, body, { ...OWNER, 'idempotency-key': id });
    definition ??= started.definition_id;
    await ended(sfn, started.execution_id);
    // reading a run calls a function: nobody who waits for the end pays for it
    return () => outputOf(url, started.execution_id);
  };
}

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
    await pause(100);
  }
  throw new Error(`the output of ${run} is not recorded`);
}

/** The records of runs are written behind their ends: that is work, too. */
async function recorded(url) {
  for (;;) {
    const answer = await fetch(`${url}?status=RUNNING&limit=100`, { headers: OWNER });
    const { runs } = await answer.json();
    if (runs.length === 0) return;
    await pause(LOOK_EVERY_MS);
  }
}

/** What a process and all that it has started keep in memory; undefined where there is no /proc. */
function residentBytes(pid) {
  try {
    const own = Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    const started = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
    );
    return started.reduce((all, child) => all + (residentBytes(child) ?? 0), own * 1024);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'ESRCH') throw error;
    return undefined; // it has ended, or it is another system
  }
}
