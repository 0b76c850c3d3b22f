import { apiHandler } from '../http/api-handler.ts';
import { openApi } from '../open-api.ts';
import { runHistory } from './run-history.ts';

const api = openApi(process.env);

export const handler = apiHandler(runHistory(api), api);
