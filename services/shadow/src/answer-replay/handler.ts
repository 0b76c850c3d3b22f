import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { type ModuleCheck, moduleCheck, readConfig, shapedError } from '@statebag/step-kit';
import { answerReplay } from './answer-replay.ts';

const { bucket } = readConfig(process.env);
const deps = { bucket, sfn: new SFNClient({}), store: s3ObjectStore(new S3Client(S3_CLIENT_SETTINGS)) };

export async function handler(event: unknown, context: object): Promise<ModuleCheck | undefined> {
  const probe = moduleCheck(event, context);
  if (probe) return probe;
  try {
    await answerReplay(deps, event);
    return undefined;
  } catch (error) {
    throw shapedError(error);
  }
}
