import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { startLocalCloud } from '@statebag/local-cloud';

const run = promisify(execFile);
const STAGE = 'dev';
const LIMIT_MS = 300_000;

/**
 * Deploys a project into an account with nothing in it, runs its workflow there, and removes it, all by its own
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
  const script = (name: string) => npm(project, name, { ...process.env, ...cloud.environment });
  try {
    await run('npx', ['--yes', '--package', 'osls@4.3.1', '--package', 'esbuild@0.28.2', '--', 'osls', '-v']);
    const began = performance.now();
    await script('deploy');
    const deployedMs = performance.now() - began;
    await runThere(project, functions);
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

async function npm(cwd: string, name: string, env: NodeJS.ProcessEnv): Promise<string> {
  const args = ['run', name, '--', '--stage', STAGE, '--region', 'eu-west-1'];
  const { stdout, stderr } = await run('npm', args, { cwd, env, timeout: LIMIT_MS }).catch((error) => {
    throw new Error(`npm run ${name} failed:\n${`${error.stdout}\n${error.stderr}`.slice(-4_000)}`);
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

async function call(functions: LambdaClient, key: string, event: object): Promise<Record<string, unknown>> {
  const owner = { requestContext: { authorizer: { jwt: { claims: { iss: 'try', sub: 'tried' } } } } };
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
