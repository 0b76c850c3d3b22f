import { SSMClient } from '@aws-sdk/client-ssm';
import { readSettings, rememberedSettings } from '@statebag/rollout';
import { apiHandler } from '../http/api-handler.ts';
import { openApi, type StartApi } from '../open-api.ts';
import { startRun } from './start-run.ts';

const opened = openApi(process.env);
const ssm = new SSMClient({});
const rollout = rememberedSettings(
  () => readSettings(ssm, opened.rolloutParameter),
  () => performance.now(),
);
const api: StartApi = { ...opened, rollout };

export const handler = apiHandler(startRun(api), api);
