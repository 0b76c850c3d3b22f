/** `npm run remove -- --stage dev --yes [--with-data]`: removes every stack, the last first; `--with-data` also what is kept on purpose: bucket and table. */
import { parseArgs } from 'node:util';
import { removeBucket, removeTable } from './deployment/remove-data.ts';
import { serverless } from './deployment/serverless.ts';
import { stateBucket } from './deployment/state-bucket.ts';

const { values } = parseArgs({
  options: {
    stage: { type: 'string' },
    region: { type: 'string' },
    yes: { type: 'boolean', default: false },
    'with-data': { type: 'boolean', default: false },
  },
});
const { stage, region = process.env['AWS_REGION'] ?? 'us-east-1' } = values;
if (stage === undefined || !values.yes) {
  console.error('usage: npm run remove -- --stage <stage> --yes [--with-data] [--region <region>]\nRuns that are under way end.');
  process.exit(2);
}

const bucket = await stateBucket(stage, region);
const table = process.env['STATEBAG_RUNS_TABLE'] ?? `statebag-runs-${stage}`;
const code = await serverless('remove', { stage, region });
if (code !== 0) process.exit(code);
if (values['with-data']) {
  console.log(`${await removeBucket(bucket, { region })} objects and the bucket ${bucket} removed`);
  await removeTable(table, { region });
  console.log(`table ${table} removed`);
} else console.log(`kept: bucket ${bucket}, table ${table}; --with-data removes them too`);
