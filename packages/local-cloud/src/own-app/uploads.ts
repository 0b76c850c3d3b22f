import { existsSync } from 'node:fs';
import type { LocalCloud } from '../cloud/local-cloud.ts';
import type { FoundStack } from './found-app.ts';
import { pack } from './pack.ts';

/** Where uploaded code lies. */
export interface CodeLocation {
  readonly bucket: string;
  readonly key: string;
}

const bucketOf = ({ account, region }: LocalCloud): string => `statebag-packages-${account}-${region}`;

const placeOf = ({ account, region }: LocalCloud): Readonly<Record<string, string>> => ({
  AccountId: account,
  Region: region,
  Partition: 'aws',
});

/** What a tool has put under a key of its own already. */
export async function uploadAssets(cloud: LocalCloud, { packages }: FoundStack): Promise<void> {
  for (const { bucket: given, key, path } of packages) {
    if (given === undefined || !existsSync(path)) continue;
    const bucket = given.replaceAll(/\$\{AWS::(\w+)\}/g, (_, name: string) => placeOf(cloud)[name] ?? name);
    await putOnce(cloud, { bucket, key }, () => pack(path).bytes());
  }
}

/** Uploads a folder, file or package unless it is there. */
export async function uploadPackage(cloud: LocalCloud, path: string): Promise<CodeLocation> {
  const { hash, bytes } = pack(path);
  const place = { bucket: bucketOf(cloud), key: `${hash}.zip` };
  await putOnce(cloud, place, bytes);
  return place;
}

/** Keys come out of the contents: what is there is what would be put. */
async function putOnce(
  { s3 }: LocalCloud,
  { bucket, key }: CodeLocation,
  bytes: () => Uint8Array,
): Promise<void> {
  if (!s3.hasBucket(bucket)) await s3.createBucket(bucket);
  for await (const object of s3.list(bucket, key)) if (object.key === key) return;
  await s3.put(bucket, key, Buffer.from(bytes()), 'application/zip');
}
