import { serve } from '../http/api-handler.ts';
import { openStartApi } from './open-start-api.ts';
import { startRun } from './start-run.ts';

export const handler = serve(openStartApi(process.env), startRun);
