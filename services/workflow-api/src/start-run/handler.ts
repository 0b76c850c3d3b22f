import { SSMClient } from '@aws-sdk/client-ssm';
import { readSettings, rememberedSettings } from '@statebag/rollout';
import { readRoutes, rememberedRoutes } from '@statebag/runs/start';
import { deployedNodes } from '@statebag/workflow';
import { serve } from '../http/api-handler.ts';
import { openApi, type StartApi } from '../open-api.ts';
import { startRun } from './start-run.ts';

const opened = openApi(process.env);
const ssm = new SSMClient({});
const rollout = rememberedSettings(
  () => readSettings(ssm, opened.rolloutParameter),
  () => performance.now(),
);
const routes = rememberedRoutes(readRoutes(opened.sfn), () => performance.now());
const api: StartApi = { ...opened, rollout, routes, nodes: deployedNodes(opened.ownNodes) };

export const handler = serve(api, startRun);
