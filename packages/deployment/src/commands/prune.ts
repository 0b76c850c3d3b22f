/**
 * `npm run prune -- --stage prod [--yes]`: removes versions of functions and state machines that no run can
 * be on any more; without `--yes` it only names them.
 */
import { commandOptions, refuseCommand } from '../command-options.ts';
import { prune } from '../prune.ts';
import { regionOf } from '../region.ts';

const USAGE = `usage: npm run prune -- --stage <stage> [--yes] [--region <region>]
Names the versions of functions and state machines that no run can be on any more; --yes removes them.`;

const { values } = commandOptions(USAGE, {
  options: {
    stage: { type: 'string' },
    region: { type: 'string' },
    yes: { type: 'boolean', default: false },
  },
});
const { stage } = values;
const region = regionOf(values.region);
if (stage === undefined) refuseCommand('--stage is missing', USAGE);
await prune({
  stage,
  region,
  now: Date.now(),
  remove: values.yes,
  onFound: (version) => console.log(version),
});
if (!values.yes) console.log('nothing was removed; --yes removes them');
