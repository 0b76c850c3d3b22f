import { PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { API_LIMITS, isUploadName, parseS3Uri, StatebagError, type UploadBody, type UploadReply, uploadUri } from '@statebag/contracts';
import { validateUploadBody } from '@statebag/contracts/validators';
import type { ApiAction } from '../http/api-handler.ts';
import type { Api } from '../open-api.ts';
import { timestamp } from '../run/owned-run.ts';

/** Puts a small object under the caller's uploads, or says where a large one is to be put. */
export function createUpload({ s3, bucket, now }: Pick<Api, 's3' | 'bucket' | 'now'>): ApiAction<UploadBody> {
  return {
    body: validateUploadBody,
    async run({ caller, body: { name: upload, content, content_type = 'application/json' } }) {
      if (!isUploadName(upload)) throw new StatebagError('Contract.EventRejected', `body/name: ${JSON.stringify(upload)} is not made of ids and slashes`);
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
        expires_at: timestamp(now() + expiresIn * 1_000),
      };
      return { status: 200, body };
    },
  };
}
