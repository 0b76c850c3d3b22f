/**
 * `scripts/rollback-definition <machine> --stage prod [--to <version>]`: new runs begin on the version
 * before, or on the one that is named.
 */
import { SFNClient } from '@aws-sdk/client-sfn';
import { commandOptions, refuseCommand } from '../command-options.ts';
import { regionOf } from '../region.ts';
import { lead, releasesOf } from '../rollback.ts';

const USAGE = `usage: scripts/rollback-definition <machine> --stage <stage> [--to <version>] [--region <region>]
New runs begin on the version before, or on the one named.`;

const { values, positionals } = commandOptions(USAGE, {
  allowPositionals: true,
  options: { stage: { type: 'string' }, to: { type: 'string' }, region: { type: 'string' } },
});
const [name, ...more] = positionals;
const { stage, to } = values;

if (name === undefined || stage === undefined || more.length > 0)
  refuseCommand('a machine and a stage are needed', USAGE);
const sfn = new SFNClient({ region: regionOf(values.region) });
const releases = await releasesOf(sfn, stage);
const release = releases.find(({ machine }) => machine === name);
if (!release)
  refuseCommand(
    `${stage} has no machine ${name} with an alias live; there is ${releases.map(({ machine }) => machine).join(', ') || 'none'}`,
    USAGE,
  );
const target =
  to === undefined
    ? release.versions.find((version) => version < release.current)
    : release.versions.find((version) => version === Number(to));
if (target === undefined)
  refuseCommand(
    `${name} has no version ${to ?? `before ${release.current}`}; there are ${release.versions.join(', ')}`,
    USAGE,
  );
await lead(sfn, release, target);
console.log(`${name}: new runs begin on version ${target} instead of ${release.current}`);
