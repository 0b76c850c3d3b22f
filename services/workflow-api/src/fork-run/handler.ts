import { deployedNodes } from '@statebag/workflow';
import { serve } from '../http/api-handler.ts';
import { openApi } from '../open-api.ts';
import { forkRun } from './fork-run.ts';

const opened = openApi(process.env);

export const handler = serve({ ...opened, nodes: deployedNodes(opened.ownNodes) }, forkRun);
