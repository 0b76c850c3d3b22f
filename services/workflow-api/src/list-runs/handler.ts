import { apiHandler } from '../http/api-handler.ts';
import { openApi } from '../open-api.ts';
import { listRuns } from './list-runs.ts';

const api = openApi(process.env);

export const handler = apiHandler(listRuns(api), api);
