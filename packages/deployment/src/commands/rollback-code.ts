/**
 * `scripts/rollback-code <function> --stage prod`: new runs begin on definitions that call the version of a
 * function before.
 */
import { SFNClient } from '@aws-sdk/client-sfn';
import { commandOptions, refuseCommand } from '../command-options.ts';
import { regionOf } from '../region.ts';
import { codeBefore, lead, releasesOf } from '../rollback.ts';

const USAGE = `usage: scripts/rollback-code <function> --stage <stage> [--region <region>]
New runs begin on definitions that call the version of the function before.`;

const { values, positionals } = commandOptions(USAGE, {
  allowPositionals: true,
  options: { stage: { type: 'string' }, region: { type: 'string' } },
});
const [functionKey = '', ...more] = positionals;
const { stage } = values;

if (!/^[A-Za-z]+$/.test(functionKey) || stage === undefined || more.length > 0)
  refuseCommand('a function, such as executeSegment, and a stage are needed', USAGE);
const sfn = new SFNClient({ region: regionOf(values.region) });

const releases = await releasesOf(sfn, stage);
const found = (await Promise.all(releases.map((release) => codeBefore(sfn, release, functionKey)))).filter(
  (each) => each !== undefined,
);
if (found.length === 0)
  refuseCommand(
    `no machine of ${stage} calls ${functionKey} and has called another version of it before`,
    USAGE,
  );
for (const { release, to, code, instead } of found) {
  await lead(sfn, release, to);
  console.log(
    `${release.machine}: new runs begin on version ${to} instead of ${release.current}: ${functionKey} ${code} instead of ${instead}`,
  );
}
