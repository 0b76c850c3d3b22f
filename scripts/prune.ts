/** `npm run prune -- --stage prod [--yes]`: removes versions of functions and state machines that no run can be on any more; without `--yes` it only names them. */
import { parseArgs } from 'node:util';
import { DeleteFunctionCommand, LambdaClient, paginateListFunctions, paginateListVersionsByFunction } from '@aws-sdk/client-lambda';
import {
  DeleteStateMachineVersionCommand,
  DescribeStateMachineAliasCommand,
  ListStateMachineAliasesCommand,
  ListStateMachineVersionsCommand,
  paginateListStateMachines,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { type Published, prunable } from './deployment/prune.ts';

const { values } = parseArgs({ options: { stage: { type: 'string' }, region: { type: 'string' }, yes: { type: 'boolean', default: false } } });
const { stage, region = process.env['AWS_REGION'] ?? 'us-east-1' } = values;
if (stage === undefined) {
  console.error('usage: npm run prune -- --stage <stage> [--yes] [--region <region>]');
  process.exit(2);
}
const lambda = new LambdaClient({ region });
const sfn = new SFNClient({ region });
const now = Date.now();

async function pruneFunctions(): Promise<void> {
  for await (const { Functions = [] } of paginateListFunctions({ client: lambda }, {})) {
    for (const { FunctionName: name = '' } of Functions.filter((each) => new RegExp(`^statebag-[a-z-]+-${stage}-`).test(each.FunctionName ?? ''))) {
      const versions: Published[] = [];
      for await (const { Versions = [] } of paginateListVersionsByFunction({ client: lambda }, { FunctionName: name }))
        versions.push(
          ...Versions.filter(({ Version }) => Version !== '$LATEST').map(({ Version, LastModified }) => ({
            number: Number(Version),
            created: Date.parse(LastModified ?? ''),
          })),
        );
      for (const number of prunable(versions, { now, kept: new Set() })) {
        console.log(`${name}:${number}`);
        if (values.yes) await lambda.send(new DeleteFunctionCommand({ FunctionName: name, Qualifier: String(number) }));
      }
    }
  }
}

async function pruneMachines(): Promise<void> {
  for await (const { stateMachines = [] } of paginateListStateMachines({ client: sfn }, {})) {
    for (const { stateMachineArn = '' } of stateMachines.filter(({ name = '' }) => new RegExp(`^statebag-[a-z0-9-]+-${stage}$`).test(name))) {
      const { stateMachineVersions = [] } = await sfn.send(new ListStateMachineVersionsCommand({ stateMachineArn, maxResults: 1_000 }));
      const versions = stateMachineVersions.map(({ stateMachineVersionArn = '', creationDate }) => ({
        number: numberOf(stateMachineVersionArn),
        created: creationDate?.getTime() ?? now,
      }));
      for (const number of prunable(versions, { now, kept: await routedTo(stateMachineArn) })) {
        console.log(`${stateMachineArn}:${number}`);
        if (values.yes) await sfn.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: `${stateMachineArn}:${number}` }));
      }
    }
  }
}

/** Numbers of the versions that aliases lead to. */
async function routedTo(stateMachineArn: string): Promise<ReadonlySet<number>> {
  const { stateMachineAliases = [] } = await sfn.send(new ListStateMachineAliasesCommand({ stateMachineArn }));
  const routes = await Promise.all(
    stateMachineAliases.map(({ stateMachineAliasArn }) => sfn.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn }))),
  );
  return new Set(
    routes.flatMap(({ routingConfiguration = [] }) => routingConfiguration.map(({ stateMachineVersionArn = '' }) => numberOf(stateMachineVersionArn))),
  );
}

function numberOf(arn: string): number {
  return Number(arn.split(':').at(-1));
}

await pruneFunctions();
await pruneMachines();
if (!values.yes) console.log('nothing was removed; --yes removes them');
