import { dirname, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Where in a project's code an error came up, as `nodes/charge.ts:14:9`; null where its stack does not say.
 */
export function placeInCode(error: unknown, folder: string): string | null {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const [, written = '', line, column] of stack.matchAll(FRAME)) {
    const file = written.startsWith('file:') ? fileURLToPath(written) : written;
    if (file.startsWith(folder + sep))
      return [relative(dirname(folder), file), line, column].filter((part) => part !== undefined).join(':');
  }
  return null;
}

/** A frame of a stack; or the first line of a syntax error, which has no column. */
const FRAME = /((?:file:\/\/)?\/[^\s():]+(?: [^\s():]+)*):(\d+)(?::(\d+))?\)?$/gm;
