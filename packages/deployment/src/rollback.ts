import {
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  ListStateMachineAliasesCommand,
  ListStateMachineVersionsCommand,
  paginateListStateMachines,
  type SFNClient,
  UpdateStateMachineAliasCommand,
} from '@aws-sdk/client-sfn';
import { machineOf } from './stage-names.ts';

/** A machine whose new runs start on an alias, and the versions it may lead to, newest first. */
export interface Release {
  readonly machine: string;
  readonly aliasArn: string;
  /** The version that most new runs begin on. */
  readonly current: number;
  readonly versions: readonly number[];
  readonly machineArn: string;
}

/** The released machines of a stage. */
export async function releasesOf(sfn: SFNClient, stage: string): Promise<Release[]> {
  const found: Release[] = [];
  for await (const { stateMachines = [] } of paginateListStateMachines({ client: sfn }, {})) {
    for (const { name = '', stateMachineArn = '' } of stateMachines) {
      const machine = machineOf(stage, name);
      const release = machine === undefined ? undefined : await releaseOf(sfn, machine, stateMachineArn);
      if (release) found.push(release);
    }
  }
  return found;
}

async function releaseOf(sfn: SFNClient, machine: string, machineArn: string): Promise<Release | undefined> {
  const { stateMachineAliases = [] } = await sfn.send(
    new ListStateMachineAliasesCommand({ stateMachineArn: machineArn }),
  );
  const aliasArn = stateMachineAliases
    .map(({ stateMachineAliasArn = '' }) => stateMachineAliasArn)
    .find((arn) => arn.endsWith(':live'));
  if (aliasArn === undefined) return undefined;
  const { routingConfiguration = [] } = await sfn.send(
    new DescribeStateMachineAliasCommand({ stateMachineAliasArn: aliasArn }),
  );
  const [main] = routingConfiguration.toSorted((one, other) => (other.weight ?? 0) - (one.weight ?? 0));
  return {
    machine,
    aliasArn,
    machineArn,
    current: numberOf(main?.stateMachineVersionArn),
    versions: await versionsOf(sfn, machineArn),
  };
}

async function versionsOf(sfn: SFNClient, stateMachineArn: string): Promise<number[]> {
  const found: number[] = [];
  let nextToken: string | undefined;
  do {
    const page: {
      stateMachineVersions?: { stateMachineVersionArn?: string | undefined }[] | undefined;
      nextToken?: string | undefined;
    } = await sfn.send(new ListStateMachineVersionsCommand({ stateMachineArn, nextToken }));
    found.push(
      ...(page.stateMachineVersions ?? []).map(({ stateMachineVersionArn }) =>
        numberOf(stateMachineVersionArn),
      ),
    );
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return found.sort((one, other) => other - one);
}

function numberOf(versionArn = ''): number {
  return Number(versionArn.split(':').at(-1));
}

/** All new runs begin on this version from now on; those that have begun stay where they are. */
export async function lead(sfn: SFNClient, { aliasArn, machineArn }: Release, to: number): Promise<void> {
  const routingConfiguration = [{ stateMachineVersionArn: `${machineArn}:${to}`, weight: 100 }];
  await sfn.send(
    new UpdateStateMachineAliasCommand({ stateMachineAliasArn: aliasArn, routingConfiguration }),
  );
}

/**
 * The published version of a function that a version of a machine calls; undefined where it calls none of
 * that name.
 */
async function calledVersion(
  sfn: SFNClient,
  { machineArn }: Release,
  { version, functionKey }: { version: number; functionKey: string },
) {
  const { definition = '' } = await sfn.send(
    new DescribeStateMachineCommand({ stateMachineArn: `${machineArn}:${version}` }),
  );
  return new RegExp(`:function:[A-Za-z0-9_-]+-${functionKey}:(\\d+)"`).exec(definition)?.[1];
}

/** A machine that can be led back to other code, and what that code is. */
export interface CodeRollback {
  readonly release: Release;
  readonly to: number;
  /** Published versions of the function: of the definition that is led to, and of the current one. */
  readonly code: string;
  readonly instead: string;
}

/**
 * The newest older definition that calls other code; definitions pin versions of functions, so that is the
 * code before. Undefined where there is none.
 */
export async function codeBefore(
  sfn: SFNClient,
  release: Release,
  functionKey: string,
): Promise<CodeRollback | undefined> {
  const instead = await calledVersion(sfn, release, { version: release.current, functionKey });
  if (instead === undefined) return undefined;
  for (const version of release.versions.filter((each) => each < release.current)) {
    const code = await calledVersion(sfn, release, { version, functionKey });
    if (code !== undefined && code !== instead) return { release, to: version, code, instead };
  }
  return undefined;
}
