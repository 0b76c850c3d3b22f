import { createReadStream, statSync } from 'node:fs';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { isUploadName, parseS3Uri, uploadUri } from '@statebag/contracts/object-keys';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import type { OpenApp } from '../cloud/open-app.ts';
import { UsageError } from '../exit.ts';

/** A file of this machine and the name under which runs find it. */
export interface Upload {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

/** Reads `--upload <name>=<file>`. @throws UsageError before anything is written */
export function uploadsOf(texts: readonly string[]): readonly Upload[] {
  return texts.map((text) => {
    const [, name = '', path = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
    if (!isUploadName(name))
      throw new UsageError(
        `--upload ${text}: no name of an upload and its file\n  mend: write --upload scans/a.png=./a.png; a name is made of letters, digits, "._:-" and slashes`,
      );
    return { name, path, bytes: sizeOf(path, text) };
  });
}

function sizeOf(path: string, text: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return found.size;
  throw new UsageError(`--upload ${text}: ${path} is no file\n  mend: check the path`);
}

/** Puts the files under the uploads of this machine's owner; one of the same name is replaced. */
export async function putUploads({ s3 }: Pick<OpenApp, 's3'>, uploads: readonly Upload[]): Promise<void> {
  for (const { name, path, bytes } of uploads) {
    const { key } = parseS3Uri(uploadUri(LOCAL_APP.bucket, LOCAL_APP.owner, name));
    const body = { Body: createReadStream(path), ContentLength: bytes };
    await s3.send(new PutObjectCommand({ Bucket: LOCAL_APP.bucket, Key: key, ...body }));
  }
}
