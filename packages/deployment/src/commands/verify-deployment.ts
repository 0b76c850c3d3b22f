/**
 * `scripts/verify-deployment --stage prod [--region r] [--json]`, or `npm run verify-deployment -- …`:
 * whether a stage is what was packaged and works, a line a check. `--endpoint`, or AWS_ENDPOINT_URL, looks at
 * a local cloud.
 */
import { commandOptions } from '../command-options.ts';
import { regionOf } from '../region.ts';
import {
  closeTarget,
  definitionChecks,
  endToEndChecks,
  functionChecks,
  lookAtAll,
  openTarget,
  placeChecks,
} from '../verify/index.ts';

const USAGE = `usage: npm run verify-deployment -- [--stage <stage>] [--region <region>] [--endpoint <url>] [--bucket <name>] [--json]
Says whether a stage is what was packaged, and works: a line a check. --endpoint looks at a local cloud.`;

const { values } = commandOptions(USAGE, {
  options: {
    stage: { type: 'string', default: 'dev' },
    region: { type: 'string' },
    endpoint: { type: 'string' },
    bucket: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const { stage, json, endpoint = process.env['AWS_ENDPOINT_URL'] } = values;
const region = regionOf(values.region);
const target = await openTarget({
  stage,
  region,
  ...(endpoint !== undefined && { endpoint }),
  ...(values.bucket !== undefined && { bucket: values.bucket }),
});
const looked = await lookAtAll(
  [...definitionChecks, ...functionChecks, ...placeChecks, ...endToEndChecks()],
  {
    target,
    onLooked({ holds, name, seen }) {
      if (!json) console.log(`${holds ? 'ok  ' : 'FAIL'} ${name}: ${seen}`);
    },
  },
);
closeTarget(target);
const failed = looked.filter(({ holds }) => !holds).length;
console.log(
  json
    ? JSON.stringify({ stage, region, holds: failed === 0, checks: looked })
    : `${looked.length - failed} hold, ${failed} do not`,
);
process.exit(failed === 0 ? 0 : 1);
