/** `scripts/rollback-definition <machine> --stage prod [--to <version>]`: new runs begin on the version before, or on the one that is named. */
import { parseArgs } from 'node:util';
import { SFNClient } from '@aws-sdk/client-sfn';
import { lead, releasesOf } from './rollback/alias.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { stage: { type: 'string' }, to: { type: 'string' } } });
const [name, ...more] = positionals;
const { stage, to } = values;

function refuse(problem: string): never {
  console.error(`${problem}\nusage: scripts/rollback-definition <machine> --stage <stage> [--to <version>]; credentials and region from the environment`);
  process.exit(2);
}

if (name === undefined || stage === undefined || more.length > 0) refuse('a machine and a stage are needed');
const sfn = new SFNClient({});
const releases = await releasesOf(sfn, stage);
const release = releases.find(({ machine }) => machine === name);
if (!release) refuse(`${stage} has no machine ${name} with an alias live; there is ${releases.map(({ machine }) => machine).join(', ') || 'none'}`);
const target = to === undefined ? release.versions.find((version) => version < release.current) : release.versions.find((version) => version === Number(to));
if (target === undefined) refuse(`${name} has no version ${to ?? `before ${release.current}`}; there are ${release.versions.join(', ')}`);
await lead(sfn, release, target);
console.log(`${name}: new runs begin on version ${target} instead of ${release.current}`);
