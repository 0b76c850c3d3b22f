import { isJsonObject, type Json, StatebagError } from '@statebag/contracts';
import { isUploadName } from '@statebag/contracts/object-keys';
import type { NamedFile } from '../providers/attached-files.ts';
import type { FileFrom } from './config-rules.ts';
import type { NodeContext } from './define-node.ts';

/**
 * The files that fields of the state name. The document says which fields; what stands in them is a name
 * under the uploads of the owner and leads nowhere else.
 * @throws `Node.Failed` for a field that names none, `Pointer.Foreign` for a name that could lead elsewhere
 */
export function namedFiles({ view }: NodeContext, files: readonly FileFrom[]): readonly NamedFile[] {
  const state = view();
  return files.flatMap(({ file_from, media_type }) => {
    const value = state[file_from] ?? null;
    const members = Array.isArray(value) ? value : [value];
    return members.map((member) => {
      const named = namedBy(member, file_from);
      return { name: named.name, media_type: media_type ?? named.media_type };
    });
  });
}

function namedBy(value: Json, field: string): NamedFile {
  const { upload: name, media_type } = isJsonObject(value) ? value : { upload: value, media_type: undefined };
  if (typeof name !== 'string' || (media_type !== undefined && typeof media_type !== 'string'))
    throw new StatebagError(
      'Node.Failed',
      `the field ${JSON.stringify(field)} names no file: the name of an upload, or { "upload", "media_type"? }, is needed`,
    );
  if (isUploadName(name)) return { name, media_type };
  throw new StatebagError(
    'Pointer.Foreign',
    `what the field ${JSON.stringify(field)} holds is not the name of an upload: ids joined by slashes`,
  );
}
