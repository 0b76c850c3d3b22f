import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { StatebagError, timestampOf } from '@statebag/contracts';
import { API_LIMITS } from '@statebag/contracts/limits';
import { isUploadName, parseS3Uri, uploadUri } from '@statebag/contracts/object-keys';
import type { UploadBody, UploadReply } from '@statebag/contracts/schemas/api';
import { validateUploadBody } from '@statebag/contracts/validators';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
import { readApiConfig } from '../api-config.ts';
import { type ApiAction, type ApiDeps, serve } from '../http/api-handler.ts';
import { stderrLog } from '../http/api-log.ts';
import type { Api } from '../open-api.ts';

/** Less than other routes have: a client that is not used is parsed at every cold start all the same. */
interface UploadApi extends ApiDeps, Pick<Api, 'bucket' | 'now'> {
  readonly s3: S3Client;
}

const api: UploadApi = {
  ...readApiConfig(process.env),
  s3: new S3Client(S3_CLIENT_SETTINGS),
  log: stderrLog,
  clock: () => performance.now(),
  now: Date.now,
};

export const handler = serve(api, createUpload);

/** Puts a small object under the caller's uploads, or says where a large one is to be put. */
function createUpload({ s3, bucket, now }: UploadApi): ApiAction<UploadBody> {
  return {
    body: validateUploadBody,
    async run({ caller, body: { name: upload, content, content_type = 'application/json' } }) {
      if (!isUploadName(upload))
        throw new StatebagError(
          'Contract.EventRejected',
          `body/name: ${JSON.stringify(upload)} is not made of ids and slashes`,
        );
      const { key } = parseS3Uri(uploadUri(bucket, caller.owner_id, upload));
      const put = { Bucket: bucket, Key: key, ContentType: content_type };
      if (content !== undefined) {
        await s3.send(new PutObjectCommand({ ...put, Body: content }));
        const body: UploadReply = { upload, url: null, expires_at: null };
        return { status: 201, body };
      }
      const expiresIn = API_LIMITS.uploadSeconds;
      const body: UploadReply = {
        upload,
        url: await getSignedUrl(s3, new PutObjectCommand(put), { expiresIn }),
        expires_at: timestampOf(now() + expiresIn * 1_000),
      };
      return { status: 200, body };
    },
  };
}
