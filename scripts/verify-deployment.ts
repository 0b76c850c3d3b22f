/** `npm run verify-deployment -- --stage prod [--region r] [--json]`: whether a stage is what was packaged and works, a line a check. `--endpoint` looks at a local cloud. */
import { parseArgs } from 'node:util';
import { callerAccount } from './deployment/caller-account.ts';
import { closeTarget, openTarget } from './verify/target.ts';
import { verify } from './verify/verify.ts';

const { values } = parseArgs({
  options: {
    stage: { type: 'string', default: 'dev' },
    region: { type: 'string' },
    endpoint: { type: 'string' },
    bucket: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const { stage, endpoint, json, region = process.env['AWS_REGION'] ?? 'us-east-1' } = values;
const account = endpoint === undefined ? await callerAccount(region) : '000000000000';
const bucket = values.bucket ?? process.env['STATEBAG_STATE_BUCKET'] ?? `statebag-state-${stage}${endpoint === undefined ? `-${account}` : ''}`;

const target = openTarget({ stage, region, account, bucket, ...(endpoint !== undefined && { endpoint }) });
const looked = await verify(target, ({ holds, name, seen }) => {
  if (!json) console.log(`${holds ? 'ok  ' : 'FAIL'} ${name}: ${seen}`);
});
closeTarget(target);
const failed = looked.filter(({ holds }) => !holds).length;
console.log(json ? JSON.stringify({ stage, region, holds: failed === 0, checks: looked }) : `${looked.length - failed} hold, ${failed} do not`);
process.exit(failed === 0 ? 0 : 1);
