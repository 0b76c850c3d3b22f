/** `npm run deploy -- [--stage dev] [--region us-east-1]`: deploys every stack, in the order of serverless-compose.yml. */
import { parseArgs } from 'node:util';
import { callerAccount } from './deployment/caller-account.ts';
import { serverless } from './deployment/serverless.ts';

const { values } = parseArgs({ options: { stage: { type: 'string', default: 'dev' }, region: { type: 'string' } } });
const { stage, region = process.env['AWS_REGION'] ?? 'us-east-1' } = values;

/** Names of buckets are shared by all of AWS: where none was chosen, the account makes it ours. */
const bucket = process.env['STATEBAG_STATE_BUCKET'] ?? `statebag-state-${stage}-${await callerAccount(region)}`;
console.log(`stage ${stage} in ${region}, state in ${bucket}`);
process.exit(await serverless('deploy', { stage, region, environment: { STATEBAG_STATE_BUCKET: bucket } }));
