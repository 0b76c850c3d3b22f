import { join } from 'node:path';
import { type Account, openAccount, refused } from './account.ts';
import { ASKING, GREETING, openDeployedApi } from './api.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const [STAGE, REGION] = ['dev', 'eu-west-1'];
const PLACE = ['--stage', STAGE, '--region', REGION];
const ALARM = `statebag-${STAGE}-canary-worse`;
/** Node types of a project are bundled into the functions: with them, the code is another one. */
const OTHER_CODE = { STATEBAG_OWN_NODES: join(ROOT, 'examples', 'order-booking', 'nodes') };

/** For so long the API may believe that an alias leads where it led. */
const ALIAS_MS = 120_000;

/** Shares of new runs, by version. */
type Shares = Readonly<Record<string, number>>;

/** The life of a stage by the commands of an operator, in an account with nothing in it. */
export async function life(told: (step: string) => void): Promise<void> {
  const stage = { canary: async (): Promise<void> => {} };
  // aliases are led one after the other; what is looked at is that of the machine that runs begin on
  const canary = async (alias: string) =>
    alias.includes(`:statebag-v3-${STAGE}:`) ? stage.canary() : undefined;
  const account = await openAccount({ region: REGION, canary });
  try {
    await firstDeployment(account);
    told('deployed into an empty account, a second time without changes, a run through the API, verified');
    await whileRunsWait(account, stage);
    told('deployed anew while a run waits: canary, the run ends on its old version, rolled back by hand');
    await takenBack(account, stage);
    told('an alarm takes a deployment back');
    await removed(account);
    told('removed, deployed again over what was kept, removed with everything');
  } finally {
    await account.close();
  }
}

async function firstDeployment(account: Account): Promise<void> {
  await account.npm('deploy', ...PLACE);
  const said = await account.npm('deploy', ...PLACE);
  const skipped = said.match(/no changes/g)?.length;
  if (skipped !== 7) throw new Error(`a deployment that changes nothing was to skip seven stacks: ${said}`);
  const stacks = await account.stacks();
  if (stacks.length !== 7) throw new Error(`seven stacks were to be deployed: ${stacks.join(', ')}`);
  await runs(account);
  const { holds, checks } = JSON.parse(jsonLine(await account.npm('verify-deployment', ...PLACE, '--json')));
  if (holds !== true) throw new Error(`verify-deployment: ${JSON.stringify(checks)}`);
}

interface Canary {
  canary(): Promise<void>;
}

async function whileRunsWait(account: Account, stage: Canary): Promise<void> {
  const api = await openDeployedApi(account, STAGE);
  const waiting = await api.start(ASKING);
  const seen: Shares[] = [];
  stage.canary = async () => void seen.push(await shares(account));
  await account.withChoices(OTHER_CODE).npm('deploy', ...PLACE);
  expectShares(seen[0], { 1: 90, 2: 10 });
  expectShares(await shares(account), { 2: 100 });
  await api.approve(waiting, 'ask');
  await api.until(waiting, 'SUCCEEDED');
  const old = await api.versionOf(waiting);
  if (old !== '1') throw new Error(`the run that waited was to end on version 1, not on ${old}`);
  await beginOn(account, '2');
  await account.withChoices(OTHER_CODE).npm('verify-deployment', ...PLACE);
  await account.command('scripts/rollback-code', 'executeSegment', '--stage', STAGE);
  await beginOn(account, '1');
  await account.command('scripts/rollback-definition', 'v3', '--stage', STAGE, '--to', '2');
  await beginOn(account, '2');
  const said = await account.npm('prune', ...PLACE);
  if (!said.includes('nothing was removed')) throw new Error(`prune: ${said}`);
}

/** The code of before is a change, too. */
async function takenBack(account: Account, stage: Canary): Promise<void> {
  const { cloud } = account;
  const say = (StateValue: string) =>
    cloud.alarms['SetAlarmState']?.({ AlarmName: ALARM, StateValue, StateReason: 'played' });
  stage.canary = async () => {
    await say('ALARM');
    await new Promise(() => {}); // its time is never over
  };
  await refused(account.npm('deploy', ...PLACE), ALARM);
  expectShares(await shares(account), { 2: 100 });
  await beginOn(account, '2');
  await say('OK');
  stage.canary = async () => {};
  await account.npm('deploy', ...PLACE);
  await beginOn(account, '4');
}

async function removed(account: Account): Promise<void> {
  await account.npm('remove', ...PLACE, '--yes');
  await account.npm('deploy', ...PLACE);
  await runs(account);
  await account.npm('remove', ...PLACE, '--yes', '--with-data');
  const left = await account.stacks();
  if (left.length > 0) throw new Error(`remove has left ${left.join(', ')}`);
}

/** A run through the API. Gives the version of the machine that it was on. */
async function runs(account: Account): Promise<string> {
  const api = await openDeployedApi(account, STAGE);
  const id = await api.start(GREETING);
  await api.until(id, 'SUCCEEDED');
  return api.versionOf(id);
}

async function shares({ cloud }: Account): Promise<Shares> {
  const alias = await cloud.states['DescribeStateMachineAlias']?.({
    stateMachineAliasArn: `arn:aws:states:${REGION}:${cloud.account}:stateMachine:statebag-v3-${STAGE}:live`,
  });
  const { routingConfiguration } = alias as {
    routingConfiguration: { stateMachineVersionArn: string; weight: number }[];
  }; // as the service answers
  return Object.fromEntries(
    routingConfiguration.map(({ stateMachineVersionArn: arn, weight }) => [arn.split(':').at(-1), weight]),
  );
}

function expectShares(found: Shares | undefined, wanted: Shares): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    throw new Error(`new runs were to begin on ${JSON.stringify(wanted)}, not on ${JSON.stringify(found)}`);
}

/** New runs begin on a version. The API keeps for a moment where an alias leads. */
async function beginOn(account: Account, wanted: string): Promise<void> {
  const latest = Date.now() + ALIAS_MS;
  let found = await runs(account);
  while (found !== wanted && Date.now() < latest) found = await runs(account);
  if (found !== wanted) throw new Error(`runs were to begin on version ${wanted}, not on ${found}`);
}

function jsonLine(said: string): string {
  return said.split('\n').find((line) => line.startsWith('{')) ?? said;
}
