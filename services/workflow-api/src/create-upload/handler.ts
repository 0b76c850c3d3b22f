import { apiHandler } from '../http/api-handler.ts';
import { openApi } from '../open-api.ts';
import { createUpload } from './create-upload.ts';

const api = openApi(process.env);

export const handler = apiHandler(createUpload(api), api);
