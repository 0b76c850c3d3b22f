import { createHash } from 'node:crypto';
import { isStatebagError, type Sha256, StatebagError } from '@statebag/contracts';
import { confine, type RunLocation, uploadUri } from '@statebag/contracts/object-keys';
import type { AttachedFile } from '@statebag/contracts/schemas/model-call';
import type { ObjectStreams } from '@statebag/state-core/store/object-streams';
import { FILE_FORMS, type FileForms, mediaTypeOf } from './file-forms.ts';

/** Opens a file of the run's owner by the name it was uploaded under. @throws `Store.*`, `Pointer.Foreign` */
export type OpenFile = (name: string) => Promise<AsyncIterable<Uint8Array>>;

/** The uploads of the owner of a run. */
export function ownersFiles(streams: ObjectStreams, location: RunLocation): OpenFile {
  const { bucket, owner_id } = location;
  return async (name) => {
    const uri = confine(uploadUri(bucket, owner_id, name), { ...location, uploads: true });
    return (await streams.open(uri).catch((error: unknown) => notThere(name, error))).body;
  };
}

function notThere(name: string, error: unknown): never {
  if (!isStatebagError(error) || error.name !== 'Store.ObjectMissing') throw error;
  throw new StatebagError('Store.ObjectMissing', `the owner of the run has no upload ${name}`, {
    cause: error,
  });
}

/** For runs that have no uploads. */
export const noFiles: OpenFile = async (name) => {
  throw new StatebagError('Llm.FileRefused', `${name}: no upload can be read here`);
};

/** A file as a document and its state name it. */
export interface NamedFile {
  readonly name: string;
  readonly media_type: string | undefined;
}

/**
 * Files as a provider takes them, each read once for its size and its hash; nothing of them is kept.
 * @throws `Llm.FileRefused`
 */
export async function attachedFiles(
  named: readonly NamedFile[],
  provider: string,
  open: OpenFile,
): Promise<readonly AttachedFile[]> {
  const forms = FILE_FORMS[provider];
  if (!forms) throw new StatebagError('Llm.FileRefused', `the provider ${provider} takes no files`);
  if (named.length > forms.count)
    throw new StatebagError('Llm.FileRefused', `${named.length} files; ${provider} takes ${forms.count}`);
  const attached: AttachedFile[] = [];
  let left = forms.together;
  for (const { name, media_type } of named) {
    const kind = kindOf(name, media_type, { provider, forms });
    const read = await measured(name, { open, most: Math.min(kind.most, left), provider });
    left -= read.bytes;
    attached.push({ name, media_type: kind.media_type, ...read });
  }
  return attached;
}

/** What the file is, and how large such a file may be. */
function kindOf(
  name: string,
  given: string | undefined,
  { provider, forms: { forms } }: { readonly provider: string; readonly forms: FileForms },
): { readonly media_type: string; readonly most: number } {
  const media_type = given ?? mediaTypeOf(name);
  if (media_type === undefined)
    throw new StatebagError(
      'Llm.FileRefused',
      `${name}: its ending does not say what it is; give \`media_type\``,
    );
  const form = forms.find(({ types }) => types.includes(media_type));
  if (form) return { media_type, most: form.bytes };
  const taken = forms.flatMap(({ types }) => types).join(', ');
  throw new StatebagError(
    'Llm.FileRefused',
    `${name} is ${media_type}, which ${provider} does not take; it takes ${taken}`,
  );
}

async function measured(
  name: string,
  { open, most, provider }: { readonly open: OpenFile; readonly most: number; readonly provider: string },
): Promise<Pick<AttachedFile, 'bytes' | 'sha256'>> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of await open(name)) {
    bytes += piece.length;
    if (bytes > most)
      throw new StatebagError(
        'Llm.FileRefused',
        `${name} is larger than the ${Math.floor(most)} bytes that ${provider} takes here`,
      );
    hash.update(piece);
  }
  if (bytes === 0) throw new StatebagError('Llm.FileRefused', `${name} is empty`);
  return { bytes, sha256: hash.digest('hex') as Sha256 }; // the digest of its name
}

/**
 * The content that was measured, and no other. The last piece waits until the hash is known, so that what was
 * replaced meanwhile is never sent whole.
 * @throws `Store.Unavailable` where it has changed: the next attempt reads it anew
 */
export async function* sameContent(
  { name, sha256 }: AttachedFile,
  open: OpenFile,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let held: Uint8Array | null = null;
  for await (const piece of await open(name)) {
    hash.update(piece);
    if (held) yield held;
    held = piece;
  }
  if (hash.digest('hex') !== sha256)
    throw new StatebagError('Store.Unavailable', `the upload ${name} was replaced while it was being sent`);
  if (held) yield held;
}
