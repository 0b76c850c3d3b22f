import { apiHandler } from '../http/api-handler.ts';
import { openApi } from '../open-api.ts';
import { cancelRun } from './cancel-run.ts';

const api = openApi(process.env);

export const handler = apiHandler(cancelRun(api), api);
