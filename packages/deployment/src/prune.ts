import {
  DeleteFunctionCommand,
  LambdaClient,
  paginateListFunctions,
  paginateListVersionsByFunction,
} from '@aws-sdk/client-lambda';
import {
  DeleteStateMachineVersionCommand,
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  ListStateMachineAliasesCommand,
  ListStateMachineVersionsCommand,
  paginateListStateMachines,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { isFunctionOf, machineOf } from './stage-names.ts';

/** A published version of anything. */
export interface Published {
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/**
 * Days that a run may be on a version after new runs have stopped to begin on it: those of a run, and those
 * in which it can be redriven.
 */
export const NEEDED_DAYS = 30 + 14;
const DAY_MS = 86_400_000;

/**
 * Versions that no run can be on any more. What counts is when the next one took over, not when this one was
 * made: an old version may have been the newest until yesterday.
 * What an alias leads to stays.
 */
export function prunable(
  versions: readonly Published[],
  { now, kept }: { readonly now: number; readonly kept: ReadonlySet<number> },
): readonly number[] {
  const ordered = [...versions].sort((left, right) => left.number - right.number);
  return ordered
    .filter((_, index) => {
      const successor = ordered[index + 1];
      return successor !== undefined && successor.created < now - NEEDED_DAYS * DAY_MS;
    })
    .map(({ number }) => number)
    .filter((number) => !kept.has(number));
}

export interface PruneOptions {
  readonly stage: string;
  readonly region: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Without it, versions are only named. */
  readonly remove: boolean;
  onFound(version: string): void;
}

/**
 * Goes through a stage's machines and functions, and removes the versions that no run can be on any more.
 * What a definition that stays calls stays with it: an alias may have been led back to an old one.
 */
export async function prune(options: PruneOptions): Promise<void> {
  const { region } = options;
  const [lambda, sfn] = [new LambdaClient({ region }), new SFNClient({ region })];
  try {
    const machines = await machinesOf(sfn, options);
    const called = await calledBy(sfn, machines);
    await pruneMachines(sfn, machines, { ...options, called });
    await pruneFunctions(lambda, { ...options, called });
  } finally {
    lambda.destroy();
    sfn.destroy();
  }
}

/** A machine's versions, and those of them that stay for what they are. */
interface PrunedMachine {
  readonly arn: string;
  readonly name: string;
  readonly versions: readonly Published[];
  readonly staying: readonly number[];
}

async function machinesOf(sfn: SFNClient, { stage, now }: PruneOptions): Promise<PrunedMachine[]> {
  const found: PrunedMachine[] = [];
  for await (const { stateMachines = [] } of paginateListStateMachines({ client: sfn }, {})) {
    for (const { stateMachineArn: arn = '', name = '' } of stateMachines) {
      if (machineOf(stage, name) === undefined) continue;
      const versions = await machineVersions(sfn, arn, now);
      const gone = new Set(prunable(versions, { now, kept: await routedTo(sfn, arn) }));
      const staying = versions.map(({ number }) => number).filter((number) => !gone.has(number));
      found.push({ arn, name, versions, staying });
    }
  }
  return found;
}

/** Published versions that something names, as `<name>:<number>`. */
type Called = ReadonlySet<string>;

const CALLED = /:(?:function|stateMachine):([\w-]+:\d+)/g;

/** What the definitions that stay call, and what those call that stay because of it. */
async function calledBy(sfn: SFNClient, machines: readonly PrunedMachine[]): Promise<Called> {
  const called = new Set<string>();
  const waiting = machines.flatMap(({ name, staying }) => staying.map((number) => `${name}:${number}`));
  const read = new Set<string>();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [name, number] = next.split(':');
    const machine = machines.find((each) => each.name === name);
    if (machine === undefined || read.has(next)) continue;
    read.add(next);
    const { definition = '' } = await sfn.send(
      new DescribeStateMachineCommand({ stateMachineArn: `${machine.arn}:${number}` }),
    );
    for (const [, version = ''] of definition.matchAll(CALLED)) {
      called.add(version);
      waiting.push(version);
    }
  }
  return called;
}

/** Numbers of the versions of one name. */
function numbersOf(called: Called, name: string): ReadonlySet<number> {
  const own = [...called].filter((version) => version.startsWith(`${name}:`));
  return new Set(own.map((version) => numberOf(version)));
}

type Pruning = PruneOptions & { readonly called: Called };

async function pruneMachines(
  sfn: SFNClient,
  machines: readonly PrunedMachine[],
  { remove, onFound, called }: Pruning,
): Promise<void> {
  for (const { arn, name, versions, staying } of machines) {
    const kept = new Set([...staying, ...numbersOf(called, name)]);
    for (const { number } of versions.filter((each) => !kept.has(each.number))) {
      const stateMachineVersionArn = `${arn}:${number}`;
      onFound(stateMachineVersionArn);
      if (remove) await sfn.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn }));
    }
  }
}

async function pruneFunctions(
  lambda: LambdaClient,
  { stage, now, remove, onFound, called }: Pruning,
): Promise<void> {
  const functions = await functionsOf(lambda, stage);
  const named = new Set([...called, ...functions.flatMap(({ names }) => names)]);
  for (const { name } of functions) {
    const versions = await functionVersions(lambda, name);
    for (const number of prunable(versions, { now, kept: numbersOf(named, name) })) {
      onFound(`${name}:${number}`);
      if (remove)
        await lambda.send(new DeleteFunctionCommand({ FunctionName: name, Qualifier: String(number) }));
    }
  }
}

/** A stage's functions, and the versions of others that their environment names. */
async function functionsOf(lambda: LambdaClient, stage: string) {
  const found: { readonly name: string; readonly names: readonly string[] }[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client: lambda }, {}))
    for (const { FunctionName: name = '', Environment } of Functions)
      if (isFunctionOf(stage, name)) {
        const variables = JSON.stringify(Environment?.Variables ?? {});
        found.push({ name, names: [...variables.matchAll(CALLED)].map(([, version = '']) => version) });
      }
  return found;
}

async function functionVersions(client: LambdaClient, name: string): Promise<Published[]> {
  const found: Published[] = [];
  for await (const { Versions = [] } of paginateListVersionsByFunction({ client }, { FunctionName: name })) {
    const published = Versions.filter(({ Version }) => Version !== '$LATEST');
    found.push(
      ...published.map(({ Version, LastModified }) => ({
        number: Number(Version),
        created: Date.parse(LastModified ?? ''),
      })),
    );
  }
  return found;
}

async function machineVersions(sfn: SFNClient, stateMachineArn: string, now: number): Promise<Published[]> {
  const { stateMachineVersions = [] } = await sfn.send(
    new ListStateMachineVersionsCommand({ stateMachineArn, maxResults: 1_000 }),
  );
  return stateMachineVersions.map(({ stateMachineVersionArn = '', creationDate }) => ({
    number: numberOf(stateMachineVersionArn),
    created: creationDate?.getTime() ?? now,
  }));
}

/** Numbers of the versions that aliases lead to. */
async function routedTo(sfn: SFNClient, stateMachineArn: string): Promise<ReadonlySet<number>> {
  const { stateMachineAliases = [] } = await sfn.send(
    new ListStateMachineAliasesCommand({ stateMachineArn }),
  );
  const routes = await Promise.all(
    stateMachineAliases.map(({ stateMachineAliasArn }) =>
      sfn.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn })),
    ),
  );
  return new Set(
    routes.flatMap(({ routingConfiguration = [] }) =>
      routingConfiguration.map(({ stateMachineVersionArn = '' }) => numberOf(stateMachineVersionArn)),
    ),
  );
}

function numberOf(arn: string): number {
  return Number(arn.split(':').at(-1));
}
