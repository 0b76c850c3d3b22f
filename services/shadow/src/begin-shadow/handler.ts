import { placeOf, ssm } from '@statebag/aws-requests';
import { rememberedSettings, settingsOver } from '@statebag/rollout';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
import { type ModuleCheck, matching, moduleCheck, shapedError } from '@statebag/step-kit';
import { openReplays } from '../shadow-config.ts';
import { beginShadow } from './begin-shadow.ts';
import { endedExecution } from './ended-execution.ts';

const deps = openReplays(process.env);
const [parameters, parameter] = [
  ssm(placeOf(process.env), S3_CLIENT_SETTINGS),
  matching(process.env, 'ROLLOUT_PARAMETER', /^\/[A-Za-z0-9_./-]{1,1000}$/),
];
const settings = rememberedSettings(
  () => settingsOver(parameters, parameter),
  () => performance.now(),
);

export async function handler(event: unknown, context: object): Promise<ModuleCheck | undefined> {
  const probe = moduleCheck(event, context);
  if (probe) return probe;
  try {
    await beginShadow(deps, endedExecution(event), await settings());
    return undefined;
  } catch (error) {
    throw shapedError(error);
  }
}
