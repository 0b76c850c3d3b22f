import { join } from 'node:path';
import { overlay } from '@statebag/deployment/package';
import { runServerless } from '@statebag/deployment/serverless';
import { type Account, openAccount } from './account.ts';
import { GREETING, openDeployedApi } from './api.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const LIMIT_MS = 600_000;
/** The order of serverless-compose.yml. */
const FOLDERS = [
  ...['state-data-manager', 'segment-runner', 'async-llm', 'aggregator', 'shadow'].map(inServices),
  'stepfunctions',
  'services/workflow-api',
];

function inServices(name: string): string {
  return `services/${name}`;
}

/** Two stages in one account, another region beside them, and a stage stack by stack. */
export async function places(told: (step: string) => void): Promise<void> {
  const [first, second] = [
    await openAccount({ region: 'eu-west-1' }),
    await openAccount({ region: 'us-east-1' }),
  ];
  try {
    // prod refuses mock mode
    const ofProd = first.withChoices({ STATEBAG_MOCK_MODE: '' });
    await ofProd.npm('deploy', '--stage', 'prod', '--region', 'eu-west-1');
    await first.npm('deploy', '--stage', 'pre-prod', '--region', 'eu-west-1');
    for (const folder of FOLDERS) await alone(second, folder);
    told('two stages side by side, and a third one in another region, stack by stack');
    for (const [account, stage] of [
      [first, 'prod'],
      [first, 'pre-prod'],
      [second, 'dev'],
    ] as const)
      await runs(account, stage);
    await first.npm('remove', '--stage', 'pre-prod', '--region', 'eu-west-1', '--yes', '--with-data');
    const left = await first.stacks();
    if (left.length !== 7 || left.some((name) => !/-(?<!pre-)prod$/.test(name)))
      throw new Error(`pre-prod was to be removed and nothing else: ${left.join(', ')} are left`);
    await runs(first, 'prod');
    await runs(second, 'dev');
    told('one stage removed, the others run on');
  } finally {
    await first.close();
    await second.close();
  }
}

async function alone({ environment }: Account, folder: string): Promise<void> {
  const { path, remove } = overlay(ROOT, folder);
  const { code, stdout, stderr } = await runServerless(
    { cwd: path, args: ['deploy', '--stage', 'dev'], environment },
    LIMIT_MS,
  );
  remove();
  if (code !== 0) throw new Error(`${folder} was not deployed alone: ${stdout}\n${stderr}`);
}

async function runs(account: Account, stage: string): Promise<void> {
  const api = await openDeployedApi(account, stage);
  await api.until(await api.start(GREETING), 'SUCCEEDED');
}
