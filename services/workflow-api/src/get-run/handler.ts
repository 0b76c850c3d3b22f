import { apiHandler } from '../http/api-handler.ts';
import { openApi } from '../open-api.ts';
import { getRun } from './get-run.ts';

const api = openApi(process.env);

export const handler = apiHandler(getRun(api), api);
