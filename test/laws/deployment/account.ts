import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { openIssuer } from './issuer.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
/** Far above what a command takes: only a hang takes as long. */
const STUCK_MS = 900_000;

/** An account with nothing in it, on this machine, and whoever issues tokens for its API. */
export interface Account {
  readonly cloud: LocalCloud;
  readonly region: string;
  /** What commands of this account find in their environment, besides that of this process. */
  readonly environment: Readonly<Record<string, string>>;
  token(subject: string): Promise<string>;
  /** Runs an npm script as an operator does, and gives what it printed. @throws with that where it fails */
  npm(script: string, ...args: readonly string[]): Promise<string>;
  /** The same with other choices than the account's. */
  withChoices(choices: Readonly<Record<string, string>>): Pick<Account, 'npm' | 'command'>;
  /** Any command at the root of the repository, in the environment of this account. */
  command(program: string, ...args: readonly string[]): Promise<string>;
  /** Stacks by name. @throws where one is not at a good end */
  stacks(): Promise<readonly string[]>;
  output(stack: string, key: string): Promise<string>;
  close(): Promise<void>;
}

export interface AccountOptions {
  readonly region: string;
  /** Passes in place of the interval of a canary. */
  readonly canary?: (aliasArn: string) => Promise<void>;
}

export async function openAccount({ region, canary }: AccountOptions): Promise<Account> {
  const dataDir = await mkdtemp(join(tmpdir(), 'statebag-deployment-'));
  const issuer = await openIssuer();
  const cloud = await startLocalCloud({
    ...{ dataDir, account: '111122223333', region, durable: false },
    ...(canary !== undefined && { canary }),
  });
  const stacks = new CloudFormationClient(cloud.clientOptions);
  const environment = {
    ...cloud.environment,
    STATEBAG_JWT_ISSUER: issuer.url,
    STATEBAG_MOCK_MODE: 'true',
    SLS_AWS_MONITORING_FREQUENCY: '100',
  };
  const withChoices: Account['withChoices'] = (choices) => {
    const env = { ...process.env, ...environment, ...choices };
    return {
      command: (program, ...args) => run(program, args, env),
      npm: (script, ...args) => run('npm', ['run', script, '--', ...args], env),
    };
  };
  return {
    ...{ cloud, region, environment, withChoices, ...withChoices({}) },
    token: (sub) => issuer.token({ sub }),
    stacks: () => stacksOf(stacks),
    output: (stack, key) => outputOf(stacks, stack, key),
    close: async () => {
      stacks.destroy();
      issuer.close();
      await cloud.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function stacksOf(client: CloudFormationClient): Promise<readonly string[]> {
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({}));
  const unfinished = Stacks.find(({ StackStatus }) => !/^(CREATE|UPDATE)_COMPLETE$/.test(StackStatus ?? ''));
  if (unfinished !== undefined) throw new Error(`${unfinished.StackName} is ${unfinished.StackStatus}`);
  return Stacks.map(({ StackName = '' }) => StackName);
}

async function outputOf(client: CloudFormationClient, StackName: string, key: string): Promise<string> {
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
  const value = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
  if (value === undefined) throw new Error(`${StackName} has no output ${key}`);
  return value;
}

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const options = { cwd: ROOT, env, maxBuffer: 64 * 1024 * 1024, timeout: STUCK_MS };
  return new Promise((resolve, reject) =>
    execFile(program, args, options, (error, stdout, stderr) => {
      const said = `${stdout}\n${stderr}`;
      if (error === null) resolve(said);
      else reject(new Error(`${program} ${args.join(' ')} failed:\n${said.slice(-4_000)}`));
    }),
  );
}

/** @throws unless the command fails, and says this */
export async function refused(command: Promise<string>, text: string): Promise<void> {
  const said = await command.then(
    () => undefined,
    (error: unknown) => String(error),
  );
  if (said === undefined) throw new Error(`a command succeeded that was to fail with: ${text}`);
  if (!said.includes(text)) throw new Error(`a command was to fail with: ${text}\n${said}`);
}
