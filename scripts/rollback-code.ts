/** `scripts/rollback-code <function> --stage prod`: new runs begin on definitions that call the version of a function before. */
import { parseArgs } from 'node:util';
import { SFNClient } from '@aws-sdk/client-sfn';
import { calledVersion, lead, type Release, releasesOf } from './rollback/alias.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { stage: { type: 'string' } } });
const [functionKey = '', ...more] = positionals;
const { stage } = values;

function refuse(problem: string): never {
  console.error(`${problem}\nusage: scripts/rollback-code <function> --stage <stage>; credentials and region from the environment`);
  process.exit(2);
}

if (!/^[A-Za-z]+$/.test(functionKey) || stage === undefined || more.length > 0) refuse('a function, such as executeSegment, and a stage are needed');
const sfn = new SFNClient({});

/** The newest older definition that calls other code; definitions pin versions of functions, so that is the code before. */
async function before(release: Release): Promise<{ to: number; code: string; instead: string } | undefined> {
  const instead = await calledVersion(sfn, release, { version: release.current, functionKey });
  if (instead === undefined) return undefined;
  for (const version of release.versions.filter((each) => each < release.current)) {
    const code = await calledVersion(sfn, release, { version, functionKey });
    if (code !== undefined && code !== instead) return { to: version, code, instead };
  }
  return undefined;
}

const plans = await Promise.all((await releasesOf(sfn, stage)).map(async (release) => ({ release, plan: await before(release) })));
const found = plans.flatMap(({ release, plan }) => (plan ? [{ release, ...plan }] : []));
if (found.length === 0) refuse(`no machine of ${stage} calls ${functionKey} and has called another version of it before`);
for (const { release, to, code, instead } of found) {
  await lead(sfn, release, to);
  console.log(`${release.machine}: new runs begin on version ${to} instead of ${release.current}: ${functionKey} ${code} instead of ${instead}`);
}
