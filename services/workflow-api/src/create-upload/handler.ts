import { S3Client } from '@aws-sdk/client-s3';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core';
import { readApiConfig } from '../api-config.ts';
import { apiHandler } from '../http/api-handler.ts';
import { stderrLog } from '../http/api-log.ts';
import { createUpload } from './create-upload.ts';

const config = readApiConfig(process.env);
const upload = createUpload({ ...config, s3: new S3Client(S3_CLIENT_SETTINGS), now: Date.now });

export const handler = apiHandler(upload, { ...config, log: stderrLog, clock: () => performance.now() });
