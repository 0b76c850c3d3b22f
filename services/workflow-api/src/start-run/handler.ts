import { apiHandler } from '../http/api-handler.ts';
import { openApi } from '../open-api.ts';
import { startRun } from './start-run.ts';

const api = openApi(process.env);

export const handler = apiHandler(startRun(api), api);
