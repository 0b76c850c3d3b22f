import { serve } from '../http/api-handler.ts';
import { openApi } from '../open-api.ts';
import { resumeRun } from './resume-run.ts';

export const handler = serve(openApi(process.env), resumeRun);
