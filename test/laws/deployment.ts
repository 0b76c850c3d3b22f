import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { openIssuer } from './issuer.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const [STAGE, REGION] = ['dev', 'eu-west-1'];
const RUN_MS = 60_000;

interface Account {
  readonly cloud: LocalCloud;
  /** Runs an npm script as an operator does, and gives what it printed. @throws with that where it fails */
  npm(script: string, ...args: readonly string[]): Promise<string>;
}

/**
 * Everything by the real tools, on an account with nothing in it: the whole deployment, a run through the deployed
 * API, the removal, and the deployment once more over what was kept.
 */
export async function prove(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'statebag-deployment-'));
  const issuer = await openIssuer();
  const cloud = await startLocalCloud({ dataDir, account: '111122223333', region: REGION, durable: false });
  const environment = {
    ...process.env,
    ...cloud.environment,
    STATEBAG_JWT_ISSUER: issuer.url,
    STATEBAG_MOCK_MODE: 'true',
    SLS_AWS_MONITORING_FREQUENCY: '100',
  };
  const account: Account = { cloud, npm: (script, ...args) => npm([script, '--', ...args], environment) };
  try {
    const token = await issuer.token({ sub: 'alice' });
    await deploy(account);
    const first = await runThroughApi(account, token);
    await account.npm('remove', '--stage', STAGE, '--yes', '--region', REGION);
    await deploy(account);
    const second = await runThroughApi(account, token);
    await account.npm('remove', '--stage', STAGE, '--yes', '--region', REGION, '--with-data');
    const left = await stacksOf(account);
    if (left.length > 0) throw new Error(`remove has left ${left.join(', ')}`);
    return `deployed, run (${first}), removed, deployed again, run (${second}), removed`;
  } finally {
    issuer.close();
    await cloud.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function deploy({ npm: run, cloud }: Account): Promise<void> {
  await run('deploy', '--stage', STAGE, '--region', REGION);
  const stacks = await stacksOf({ cloud });
  if (stacks.length !== 7) throw new Error(`seven stacks were to be deployed: ${stacks.join(', ')}`);
}

async function stacksOf({ cloud }: Pick<Account, 'cloud'>): Promise<string[]> {
  const client = new CloudFormationClient(cloud.clientOptions);
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({}));
  client.destroy();
  const unfinished = Stacks.find(({ StackStatus }) => !/^(CREATE|UPDATE)_COMPLETE$/.test(StackStatus ?? ''));
  if (unfinished !== undefined) throw new Error(`${unfinished.StackName} is ${unfinished.StackStatus}`);
  return Stacks.map(({ StackName = '' }) => StackName);
}

async function runThroughApi({ cloud }: Account, token: string): Promise<string> {
  const client = new CloudFormationClient(cloud.clientOptions);
  const { Stacks } = await client.send(
    new DescribeStacksCommand({ StackName: `statebag-workflow-api-${STAGE}` }),
  );
  client.destroy();
  const id = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'HttpApiId')?.OutputValue;
  const api = `${cloud.endpoint}/_aws/execute-api/${id}`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const refused = await fetch(`${api}/runs`);
  if (refused.status !== 401) throw new Error(`without a token the API answered ${refused.status}`);
  const started = await ask(`${api}/runs`, { method: 'POST', headers, body: JSON.stringify(WORKFLOW) });
  for (const latest = Date.now() + RUN_MS; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const { status } = await ask(`${api}/runs/${started['execution_id']}`, { headers });
    if (status === 'SUCCEEDED') return String(status);
    if (status !== 'RUNNING' || Date.now() > latest)
      throw new Error(`the run is ${status} after ${RUN_MS} ms`);
  }
}

async function ask(url: string, init: RequestInit): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(url, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`);
  // the API answers with an object
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}

const WORKFLOW = {
  workflow_id: 'deployed',
  workflow: {
    name: 'deployed',
    initial_state: { name: 'nobody' },
    nodes: [
      {
        id: 'greet',
        type: 'data_transform',
        config: { transform: "{% 'hello ' & name %}" },
        output_key: 'greeting',
      },
    ],
    edges: [],
  },
  input: { name: 'you' },
};

function npm(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) =>
    execFile(
      'npm',
      ['run', ...args],
      { cwd: ROOT, env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) =>
        error === null
          ? resolve(stdout)
          : reject(new Error(`npm run ${args.join(' ')} failed:\n${`${stdout}\n${stderr}`.slice(-4_000)}`)),
    ),
  );
}
