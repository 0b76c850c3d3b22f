import { apiHandler } from '../http/api-handler.ts';
import { openApi } from '../open-api.ts';
import { runApprovals } from './run-approvals.ts';

const api = openApi(process.env);

export const handler = apiHandler(runApprovals(api), api);
