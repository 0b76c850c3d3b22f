import { callerAccount } from './caller-account.ts';

/** The bucket of a stage: the one that was chosen, else the one that `deployment/account-names.cjs` names. */
export async function stateBucket(stage: string, region: string): Promise<string> {
  return process.env['STATEBAG_STATE_BUCKET'] || `statebag-state-${stage}-${await callerAccount({ region })}-${region}`;
}
