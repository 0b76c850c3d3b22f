import { serve } from '../http/api-handler.ts';
import { openApi } from '../open-api.ts';
import { decideRun } from '../run/decide-run.ts';

export const handler = serve(openApi(process.env), (api) => decideRun(api, 'reject'));
