import { apiHandler } from '../http/api-handler.ts';
import { openApi } from '../open-api.ts';
import { decideRun } from '../run/decide-run.ts';

const api = openApi(process.env);

export const handler = apiHandler(decideRun(api, 'reject'), api);
