import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { RunList } from '@statebag/contracts/schemas/api';
import { startLocalCloud } from '@statebag/local-cloud';

const run = promisify(execFile);
const STAGE = 'dev';
const OWNER = 'tried';
const LIMIT_MS = 300_000;

/**
 * Deploys a project into an account with nothing in it, runs its workflow there, looks at it, and removes it, all by its own
 * scripts. Gives how long the deployment took. @throws where any of it fails
 */
export async function tryDeployment(project: string): Promise<number> {
  const dataDir = join(project, '.account');
  const cloud = await startLocalCloud({
    dataDir,
    account: '111122223333',
    region: 'eu-west-1',
    durable: false,
  });
  const stacks = new CloudFormationClient(cloud.clientOptions);
  const functions = new LambdaClient(cloud.clientOptions);
  const place = ['--stage', STAGE, '--region', 'eu-west-1'];
  const script = (name: string, ...args: readonly string[]) =>
    npm(project, [name, '--', ...(args.length > 0 ? args : place)], { ...process.env, ...cloud.environment });
  try {
    await script('deploy', '--version'); // fetches the framework
    const began = performance.now();
    await script('deploy');
    const deployedMs = performance.now() - began;
    await runThere(project, functions);
    await lookThere(project, { ...process.env, ...cloud.environment });
    await script('deploy'); // nothing has changed
    await script('remove');
    const { Stacks = [] } = await stacks.send(new DescribeStacksCommand({}));
    if (Stacks.length > 0) throw new Error(`remove has left ${Stacks.map(({ StackName }) => StackName)}`);
    return deployedMs;
  } finally {
    for (const client of [stacks, functions]) client.destroy();
    await cloud.close();
  }
}

async function npm(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const options = { cwd, env, timeout: LIMIT_MS };
  const { stdout, stderr } = await run('npm', ['run', ...args], options).catch((error) => {
    throw new Error(`npm run ${args.join(' ')} failed:\n${`${error.stdout}\n${error.stderr}`.slice(-4_000)}`);
  });
  return `${stdout}\n${stderr}`;
}

/** Starts the project's workflow, which has a node of its own, as the API does, and waits for its end. */
async function runThere(project: string, functions: LambdaClient): Promise<void> {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(project, 'workflows', file), 'utf8'));
  const workflow = read('greeting.json');
  const body = { workflow_id: 'greeting', workflow, input: read('greeting.input.json') };
  const { execution_id } = await call(functions, 'startRun', { body: JSON.stringify(body) });
  for (const latest = Date.now() + LIMIT_MS; ; ) {
    const { status } = await call(functions, 'getRun', { pathParameters: { run_id: execution_id } });
    if (status === 'SUCCEEDED') return;
    if (status !== 'RUNNING' || Date.now() > latest) throw new Error(`the deployed run is ${status}`);
  }
}

/** `statebag ui` of the project shows the run of the stage, and lets nothing be changed. */
async function lookThere(project: string, env: NodeJS.ProcessEnv): Promise<void> {
  const program = join(project, 'node_modules', 'statebag', 'bin', 'statebag.mjs');
  const place = ['--stage', STAGE, '--region', 'eu-west-1', '--owner', OWNER, '--port', '0'];
  const shown = spawn(process.execPath, [program, 'ui', ...place], { cwd: project, env });
  const ended = once(shown, 'close');
  try {
    let said = '';
    for await (const chunk of shown.stdout) {
      said += chunk;
      if (said.includes('Stop with')) break;
    }
    const [, origin = '', key = ''] = /(http:\S+)\/#key=(\S+)/.exec(said) ?? [];
    const headers = { 'x-statebag-key': key };
    // a route of the API gives it
    const { runs } = (await (await fetch(`${origin}/api/runs`, { headers })).json()) as RunList;
    const [run] = runs;
    if (run?.workflow_id !== 'greeting') throw new Error(`the viewer shows ${JSON.stringify(runs)}`);
    const state = await (await fetch(`${origin}/api/runs/${run.execution_id}/state`, { headers })).json();
    if (!JSON.stringify(state).includes('Hello, Ada!'))
      throw new Error(`the viewer shows the state ${JSON.stringify(state)}`);
    const refused = await fetch(`${origin}/api/runs/${run.execution_id}/cancel`, { method: 'POST', headers });
    if (refused.status !== 403) throw new Error(`the viewer answered ${refused.status} to a change`);
  } finally {
    shown.kill('SIGTERM');
    await ended;
  }
}

async function call(functions: LambdaClient, key: string, event: object): Promise<Record<string, unknown>> {
  const owner = { requestContext: { authorizer: { jwt: { claims: { iss: 'try', sub: OWNER } } } } };
  const { Payload, FunctionError } = await functions.send(
    new InvokeCommand({
      FunctionName: `statebag-workflow-api-${STAGE}-${key}`,
      Payload: JSON.stringify({ headers: {}, ...owner, ...event }),
    }),
  );
  const reply = JSON.parse(Payload?.transformToString() ?? '{}');
  if (FunctionError !== undefined || reply.statusCode >= 300)
    throw new Error(`${key} answered ${JSON.stringify(reply)}`);
  return JSON.parse(reply.body);
}
