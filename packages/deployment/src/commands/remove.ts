/**
 * `npm run remove -- --stage dev --yes [--with-data]`: removes every stack that is there, the last first; `--with-data`
 * also what is kept on purpose: bucket, table and the settings of the rollout.
 */
import { commandOptions, refuseCommand } from '../command-options.ts';
import { regionOf } from '../region.ts';
import { removeStacks } from '../remove-stacks.ts';
import { removeBucket, removeParameters, removeTable, stateBucket } from '../stage-data.ts';

const USAGE = `usage: npm run remove -- --stage <stage> --yes [--with-data] [--region <region>]
Removes every stack that is there, the last first: runs that are under way end. --with-data also removes bucket,
table and the settings of the rollout.`;

const { values } = commandOptions(USAGE, {
  options: {
    stage: { type: 'string' },
    region: { type: 'string' },
    yes: { type: 'boolean', default: false },
    'with-data': { type: 'boolean', default: false },
  },
});
const { stage = '' } = values;
const region = regionOf(values.region);
if (stage === '' || !values.yes) refuseCommand('--stage and --yes are needed', USAGE);

const bucket = await stateBucket(stage, region);
const table = process.env['STATEBAG_RUNS_TABLE'] ?? `statebag-runs-${stage}`;
const code = await removeStacks({ stage, region }, (said) => console.log(said));
if (code !== 0) process.exit(code);
if (values['with-data']) await removeKept();
else
  console.log(
    `kept: bucket ${bucket}, table ${table}, the settings of the rollout; --with-data removes them too`,
  );

/** The table first: where it is protected, nothing is lost. */
async function removeKept(): Promise<void> {
  const isGone = await removeTable(table, { region });
  console.log(`table ${table} ${isGone ? 'removed' : 'was not there'}`);
  const objects = await removeBucket(bucket, { region });
  console.log(
    objects === undefined
      ? `bucket ${bucket} was not there`
      : `${objects} objects and the bucket ${bucket} removed`,
  );
  const parameters = await removeParameters(stage, { region });
  console.log(`parameters ${parameters.join(', ') || '(there were none)'} removed`);
}
