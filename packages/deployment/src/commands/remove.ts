/**
 * `npm run remove -- --stage dev --yes [--with-data]`: removes every stack, the last first; `--with-data`
 * also what is kept on purpose: bucket, table and the settings of the rollout.
 */
import { commandOptions, refuseCommand } from '../command-options.ts';
import { serverlessCompose } from '../serverless.ts';
import { removeBucket, removeParameters, removeTable, stateBucket } from '../stage-data.ts';

const USAGE = `usage: npm run remove -- --stage <stage> --yes [--with-data] [--region <region>]
Removes every stack, the last first: runs that are under way end. --with-data also removes bucket, table and\nthe settings of the rollout.`;

const { values } = commandOptions(USAGE, {
  options: {
    stage: { type: 'string' },
    region: { type: 'string' },
    yes: { type: 'boolean', default: false },
    'with-data': { type: 'boolean', default: false },
  },
});
const { stage, region = process.env['AWS_REGION'] ?? 'us-east-1' } = values;
if (stage === undefined || !values.yes) refuseCommand('--stage and --yes are needed', USAGE);

const bucket = await stateBucket(stage, region);
const table = process.env['STATEBAG_RUNS_TABLE'] ?? `statebag-runs-${stage}`;
const code = await serverlessCompose('remove', { stage, region });
if (code !== 0) process.exit(code);
if (values['with-data']) {
  console.log(`${await removeBucket(bucket, { region })} objects and the bucket ${bucket} removed`);
  await removeTable(table, { region });
  console.log(`table ${table} removed`);
  const parameters = await removeParameters(stage, { region });
  console.log(`parameters ${parameters.join(', ') || '(there were none)'} removed`);
} else
  console.log(
    `kept: bucket ${bucket}, table ${table}, the settings of the rollout; --with-data removes them too`,
  );
