import { createHash } from 'node:crypto';
import { zipSync } from 'fflate';
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
      memorySize: Number(properties['MemorySize'] ?? 128),
      timeout: Number(properties['Timeout'] ?? 3),
      environment: environmentOf(properties),
      uploaded: {
        handler,
        role: String(properties['Role']),
        runtime: runtimeName,
        sha256: createHash('sha256').update(archive).digest('base64'),
        size: archive.length,
      },
    },
  };
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
