import { apiHandler } from '../http/api-handler.ts';
import { openApi } from '../open-api.ts';
import { resumeRun } from './resume-run.ts';

const api = openApi(process.env);

export const handler = apiHandler(resumeRun(api), api);
