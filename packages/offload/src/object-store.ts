import { GetObjectCommand, PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { OffloadError } from './offload-error.ts';

/** Where an object lies. */
export interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

/** What is asked of S3: an object is created once and never changed, and read by ranges. */
export interface OffloadStore {
  put(place: Place, body: Uint8Array): Promise<void>;
  read(place: Place, offset: number, length: number): Promise<Uint8Array>;
}

const CONFLICT_TRIES = 5;

/** One client for the whole process, made when it is first needed. */
let shared: OffloadStore | undefined;
export const sharedStore = (): OffloadStore => (shared ??= s3Store(new S3Client({})));

/** A store on a client of yours. */
export function s3Store(client: S3Client): OffloadStore {
  return {
    async put(place, body) {
      for (let tries = 1; ; tries += 1) {
        try {
          await client.send(
            new PutObjectCommand({ ...place, Body: body, ContentType: 'application/json', IfNoneMatch: '*' }),
          );
          return;
        } catch (error) {
          // The key is the hash of the content: who finds it there has stored it.
          if (statusOf(error) === 412) return;
          if (statusOf(error) !== 409 || tries === CONFLICT_TRIES) throw storeError(place, error);
        }
      }
    },
    async read(place, offset, length) {
      try {
        const Range = `bytes=${offset}-${offset + length - 1}`;
        const { Body } = await client.send(new GetObjectCommand({ ...place, Range }));
        if (Body === undefined) throw new OffloadError('Offload.Unavailable', `${uri(place)}: no body came`);
        return await Body.transformToByteArray();
      } catch (error) {
        throw storeError(place, error);
      }
    },
  };
}

const uri = ({ Bucket, Key }: Place): string => `s3://${Bucket}/${Key}`;

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

function storeError(place: Place, error: unknown): OffloadError {
  if (error instanceof OffloadError) return error;
  const told = `${uri(place)}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
  const status = statusOf(error);
  if (status === 404) return new OffloadError('Offload.ObjectMissing', told, { cause: error });
  if (status === 403) return new OffloadError('Offload.AccessDenied', told, { cause: error });
  // The object ends before the place that its pointer names.
  if (status === 416) return new OffloadError('Offload.ObjectCorrupt', told, { cause: error });
  return new OffloadError('Offload.Unavailable', told, { cause: error });
}
