import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { type Account, openAccount } from './account.ts';
import { GREETING, openDeployedApi } from './api.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const ARTEFACTS = 'statebag-artefacts';
const PREFIX = 'statebag';
const STAGE = 'prod';

interface Composed {
  readonly path: string;
  readonly params?: Readonly<Record<string, string>>;
}

/** Plain CloudFormation as the reader of docs/deployment.md creates it: the aws command, and nothing of ours. */
export async function releases(told: (step: string) => void): Promise<void> {
  const account = await openAccount({ region: 'eu-west-1' });
  const folder = await mkdtemp(join(tmpdir(), 'statebag-release-'));
  try {
    await account.withChoices({ STATEBAG_MOCK_MODE: '' }).npm('package', '--release', folder);
    await account.command('aws', 's3', 'mb', `s3://${ARTEFACTS}`);
    const to = `s3://${ARTEFACTS}/${PREFIX}`;
    await account.command('aws', 's3', 'cp', '--recursive', '--no-progress', folder, to);
    const { services }: { services: Readonly<Record<string, Composed>> } = parse(
      readFileSync(join(ROOT, 'serverless-compose.yml'), 'utf8'),
    );
    for (const composed of Object.values(services)) await create(account, folder, composed);
    const api = await openDeployedApi(account, STAGE);
    await api.until(await api.start(GREETING), 'SUCCEEDED');
    told('the release, created by aws cloudformation deploy, runs a workflow through its API');
  } finally {
    await account.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function create(account: Account, folder: string, { path, params = {} }: Composed): Promise<void> {
  const file = join(folder, basename(path), 'template.json');
  const { Parameters }: { Parameters: object } = JSON.parse(readFileSync(file, 'utf8'));
  const given = await Promise.all(
    Object.keys(Parameters).map(async (name) => `${name}=${await parameterOf(account, name, params[name])}`),
  );
  await account.command(
    'aws',
    ...['cloudformation', 'deploy', '--stack-name', `statebag-${basename(path)}-${STAGE}`],
    ...['--template-file', file, '--s3-bucket', ARTEFACTS, '--capabilities', 'CAPABILITY_NAMED_IAM'],
    ...['--parameter-overrides', ...given],
  );
}

/** What release/README.md says of a parameter: an output of another stack, or a choice. */
async function parameterOf(account: Account, name: string, output = ''): Promise<string> {
  const [, stack, key] = /^\$\{([\w-]+)\.(\w+)\}$/.exec(output) ?? [];
  if (stack !== undefined && key !== undefined) return account.output(`statebag-${stack}-${STAGE}`, key);
  return { ...CHOICES, jwtIssuer: account.environment['STATEBAG_JWT_ISSUER'] }[name] ?? '';
}

const CHOICES: Readonly<Record<string, string>> = {
  ArtefactBucket: ARTEFACTS,
  ArtefactPrefix: PREFIX,
  stateBucket: 'statebag-released-state',
  runsTable: `statebag-runs-${STAGE}`,
  eventBusName: 'default',
  jwtAudience: 'statebag',
};
