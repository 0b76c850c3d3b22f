/** `npm run check [-- name…]`: everything that must hold of the sources without running them. */

import { commandOptions, refuseCommand } from '@statebag/deployment/command-options';
import type { Check } from './check/check.ts';
import { checkFormat, checkTypes, checkUnused } from './check/commands.ts';
import { checkDeployment } from './check/deployment.ts';
import { checkGenerated } from './check/generated.ts';
import { checkImports } from './check/imports.ts';
import { checkPermissions } from './check/permissions.ts';
import { checkProperties } from './check/properties.ts';
import { checkSizes } from './check/sizes.ts';
import { checkSleeps } from './check/sleeps.ts';
import { checkStateMachines } from './check/state-machines.ts';

const CHECKS: Readonly<Record<string, Check>> = {
  format: checkFormat,
  types: checkTypes,
  imports: checkImports,
  unused: checkUnused,
  sizes: checkSizes,
  sleeps: checkSleeps,
  properties: checkProperties,
  generated: checkGenerated,
  machines: checkStateMachines,
  deployment: checkDeployment,
  permissions: checkPermissions,
};

const USAGE = `usage: npm run check -- [name…]\nchecks: ${Object.keys(CHECKS).join(', ')}`;
const { positionals: names } = commandOptions(USAGE, { allowPositionals: true });
const unknown = names.filter((name) => !(name in CHECKS));
if (unknown.length > 0) refuseCommand(`there is no check ${unknown.join(', ')}`, USAGE);

let failed = 0;
for (const [name, check] of Object.entries(CHECKS)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const { problems, report } = await check();
  if (problems.length > 0) failed += 1;
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name}${report ? `  ${report}` : ''}`);
  for (const problem of problems) console.log(`     ${problem}`);
}
process.exit(failed === 0 ? 0 : 1);
