import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  deployOwnApp,
  type LocalCloud,
  type OwnApp,
  type OwnAppOptions,
  watchOwnApp,
} from '@statebag/local-cloud';
import { EXIT, UsageError } from '../exit.ts';
import { countText } from '../render/amounts.ts';
import { type AccountOptions, openAccount } from './dev-bare.ts';

export interface DevAppOptions extends AccountOptions {
  readonly app: string;
  readonly parameter?: readonly string[];
  readonly leaveOut?: readonly string[];
  /** A command that is run over the application, instead of waiting for a signal. */
  readonly run?: string;
}

/**
 * `statebag dev --app`: an application that others wrote, deployed out of its own templates into an account
 * of its own, until the process gets SIGINT or SIGTERM. What changes is deployed again.
 */
export async function devApp(given: DevAppOptions): Promise<number> {
  const options: OwnAppOptions = {
    path: given.app,
    parameters: parametersIn(given.parameter ?? []),
    leaveOut: given.leaveOut ?? [],
  };
  const cloud = await openAccount(given);
  try {
    const deployed = await deployOwnApp(cloud, options);
    if (given.run !== undefined) return await runOver(given.run, cloud, deployed);
    process.stdout.write(greeting(cloud, deployed));
    const watch = watchOwnApp(cloud, {
      options,
      deployed,
      events: {
        onDeployed: (app) => process.stdout.write(`deployed again: ${app.stacks.join(', ')}\n`),
        onRefused: (error) =>
          process.stderr.write(`not deployed: ${error instanceof Error ? error.message : String(error)}\n`),
      },
    });
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    await watch.close();
    return EXIT.succeeded;
  } finally {
    await cloud.close();
  }
}

/**
 * Runs a command with the account's address and key in its environment, and the id of each resource as
 * `STATEBAG_<logical id>`. Resolves with its exit code.
 */
async function runOver(command: string, { environment }: LocalCloud, { resources }: OwnApp): Promise<number> {
  const ids = resources.map(({ logicalId, physicalId }) => [`STATEBAG_${logicalId}`, physicalId] as const);
  const child = spawn(command, {
    shell: true,
    stdio: 'inherit',
    env: { ...process.env, ...environment, ...Object.fromEntries(ids) },
  });
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : EXIT.runFailed;
}

function parametersIn(given: readonly string[]): Record<string, string> {
  const pairs = given.map((text) => {
    const equals = text.indexOf('=');
    if (equals < 1)
      throw new UsageError(
        `--parameter ${text}: not of the form name=value\n  mend: give one such as Stage=dev`,
      );
    return [text.slice(0, equals), text.slice(equals + 1)] as const;
  });
  return Object.fromEntries(pairs);
}

const MACHINE = 'AWS::StepFunctions::StateMachine';
const API = 'AWS::ApiGatewayV2::Api';
/** What whoever starts an application calls, by the headings of what is printed. */
const LISTED: readonly (readonly [heading: string, type: string])[] = [
  ['State machines:', MACHINE],
  ['Functions:', 'AWS::Lambda::Function'],
  ['Queues:', 'AWS::SQS::Queue'],
  ['Tables:', 'AWS::DynamoDB::Table'],
  ['Buckets:', 'AWS::S3::Bucket'],
];

function greeting({ endpoint, environment }: LocalCloud, app: OwnApp): string {
  const of = (wanted: string) => app.resources.filter(({ type }) => type === wanted);
  const lists = LISTED.flatMap(([heading, type]) => section(heading, of(type).map(line)));
  const apis = of(API).map(({ logicalId, physicalId }) =>
    line({ logicalId, physicalId: `${endpoint}/_aws/execute-api/${physicalId}/` }),
  );
  const example = of(MACHINE).map(
    ({ physicalId }) => `  aws stepfunctions start-execution --state-machine-arn ${physicalId} --input '{}'`,
  );
  return [
    `statebag dev listens at ${endpoint}`,
    `${app.stacks.join(', ')} (${app.kind}) is deployed, again when it changes: ${countText(app.resources.length, 'resource')}`,
    '',
    ...lists,
    ...section('HTTP APIs:', apis),
    ...section(
      'Outputs:',
      app.outputs.map(({ name, value }) => `  ${name} = ${value}`),
    ),
    ...section(
      'Left out, as you said:',
      app.leftOut.map((each) => `  ${each}`),
    ),
    'For the AWS command line and SDKs:',
    ...Object.entries(environment).map(([name, value]) => `  export ${name}=${value}`),
    ...example.slice(0, 1),
    '',
    'Stop with Ctrl-C.',
    '',
  ].join('\n');
}

function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [heading, ...lines, ''];
}

function line({
  logicalId,
  physicalId,
}: {
  readonly logicalId: string;
  readonly physicalId: string;
}): string {
  return `  ${logicalId.padEnd(24)} ${physicalId}`;
}
