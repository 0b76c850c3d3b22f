/**
 * `npm run deploy -- [--stage dev] [--region us-east-1]`: `serverless deploy` of every stack, in the order of
 * serverless-compose.yml.
 */
import { commandOptions } from '../command-options.ts';
import { functionsLine } from '../functions-at-once.ts';
import { regionOf } from '../region.ts';
import { deployAll } from '../serverless.ts';
import { stateBucket } from '../stage-data.ts';

const USAGE = `usage: npm run deploy -- [--stage <stage>] [--region <region>]
Deploys every stack, in the order of serverless-compose.yml. Stage dev, region from AWS_REGION or us-east-1.`;

const { values } = commandOptions(USAGE, {
  options: { stage: { type: 'string', default: 'dev' }, region: { type: 'string' } },
});
const { stage } = values;
const region = regionOf(values.region);

console.log(`stage ${stage} in ${region}, state in ${await stateBucket(stage, region)}`);
console.log(await functionsLine(stage, region));
process.exit(await deployAll({ stage, region }));
