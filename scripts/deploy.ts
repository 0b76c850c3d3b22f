/** `npm run deploy -- [--stage dev] [--region us-east-1]`: `serverless deploy` of every stack, in the order of serverless-compose.yml. */
import { parseArgs } from 'node:util';
import { serverless } from './deployment/serverless.ts';
import { stateBucket } from './deployment/state-bucket.ts';

const { values } = parseArgs({ options: { stage: { type: 'string', default: 'dev' }, region: { type: 'string' } } });
const { stage, region = process.env['AWS_REGION'] ?? 'us-east-1' } = values;

console.log(`stage ${stage} in ${region}, state in ${await stateBucket(stage, region)}`);
process.exit(await serverless('deploy', { stage, region }));
