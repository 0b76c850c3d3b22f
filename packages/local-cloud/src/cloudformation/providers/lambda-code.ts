import { createHash } from 'node:crypto';
import { zipSync } from 'fflate';
import type { KeptCode } from '../../lambda/code-store.ts';
import type { Uploaded } from '../../lambda/function-config.ts';
import type { FunctionDefinition } from '../../lambda/lambda.ts';
import { filesIn } from '../../lambda/package.ts';
import { entryOf, runtimeOf } from '../../lambda/runtimes.ts';
import { isMapping, listOf, type Mapping } from '../document.ts';
import { invalid } from '../errors.ts';
import type { Account } from '../provider.ts';

/** The code of a function and what runs it, as its template says. @throws where this machine cannot run it */
export async function codeOf(
  name: string,
  properties: Mapping,
  account: Account,
): Promise<Omit<FunctionDefinition, 'settings'>> {
  refuseLayers(properties);
  const handler = String(properties['Handler'] ?? '');
  const runtimeName = String(properties['Runtime'] ?? 'nodejs24.x');
  const bundle = bundleOf(properties, account);
  if (bundle !== undefined) {
    const [, exportName = ''] = /\.(\w+)$/.exec(handler) ?? [];
    const sha256 = Buffer.from(bundle.codeSha256, 'hex').toString('base64');
    return {
      name,
      bundle,
      config: {
        exportName,
        ...settingsOf(properties),
        uploaded: uploadedOf(properties, { sha256, size: bundle.codeSize }),
      },
    };
  }
  const archive = await packageOf(properties, { ...account, runtimeName });
  const { runtime, entry, exportName } = refusing(() => {
    const found = runtimeOf(runtimeName);
    return { runtime: found, ...entryOf(handler, filesIn(archive), found) };
  });
  return {
    name,
    bundle: archive,
    config: {
      exportName,
      entry,
      ...(runtime !== undefined && { runtime }),
      ...settingsOf(properties),
      uploaded: uploadedOf(properties, {
        sha256: createHash('sha256').update(archive).digest('base64'),
        size: archive.length,
      }),
    },
  };
}

function settingsOf(properties: Mapping) {
  return {
    memorySize: Number(properties['MemorySize'] ?? 128),
    timeout: Number(properties['Timeout'] ?? 3),
    environment: environmentOf(properties),
  };
}

function uploadedOf(
  { Handler: handler = '', Role: role, Runtime: runtime = 'nodejs24.x' }: Mapping,
  code: Pick<Uploaded, 'sha256' | 'size'>,
): Uploaded {
  return { handler: String(handler), role: String(role), runtime: String(runtime), ...code };
}

/** In the place of a bucket: the key is the hash of a bundle that Lambda keeps already. */
export const KEPT_BUNDLES = 'statebag-kept-bundles';

function bundleOf({ Code: code }: Mapping, { functions }: Account): KeptCode | undefined {
  const { S3Bucket: bucket, S3Key: key } = isMapping(code) ? code : {};
  return bucket === KEPT_BUNDLES ? functions.kept(String(key)) : undefined;
}

function refuseLayers({ Layers: layers, PackageType: type }: Mapping): void {
  if (listOf(layers).length > 0)
    throw invalid('Layers are something that the local cloud does not lay under a function');
  if (type === 'Image') throw invalid('PackageType Image is one that the local cloud does not run');
}

async function packageOf(
  properties: Mapping,
  { s3, runtimeName }: Pick<Account, 's3'> & { readonly runtimeName: string },
): Promise<Uint8Array> {
  const code = isMapping(properties['Code']) ? properties['Code'] : {};
  const { S3Bucket: bucket, S3Key: key, ZipFile: text } = code;
  if (typeof text === 'string') {
    const file = runtimeName.startsWith('python') ? 'index.py' : 'index.js';
    return zipSync({ [file]: [Buffer.from(text), { mtime: ZIP_EPOCH }] });
  }
  if (typeof bucket === 'string' && typeof key === 'string') return (await s3.get(bucket, key)).body;
  throw invalid(
    'the local cloud takes the code of a function from S3Bucket and S3Key or from ZipFile, and from nowhere else',
  );
}

/** The same text makes the same package. */
const ZIP_EPOCH = '1980-01-01';

function refusing<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause));
  }
}

const ENVIRONMENT_LIMIT = 4_096;

function environmentOf({ Environment: environment }: Mapping): Record<string, string> {
  const variables =
    isMapping(environment) && isMapping(environment['Variables']) ? environment['Variables'] : {};
  const texts = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
  if (Buffer.byteLength(JSON.stringify(texts)) > ENVIRONMENT_LIMIT)
    throw invalid(
      'Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit.',
    );
  return texts;
}
