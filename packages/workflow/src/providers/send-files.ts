import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { LanguageModelV4FilePart } from '@ai-sdk/provider';
import type { LlmFile } from './llm-provider.ts';

/**
 * Files on their way into a request: the parts that the SDK sees, and the `fetch` that puts their content
 * in.
 */
export interface FilesToSend {
  readonly parts: readonly LanguageModelV4FilePart[];
  readonly through: (fetch: typeof globalThis.fetch) => typeof globalThis.fetch;
  /** Why a file could not be read, where that ended the request; the SDK wraps it. */
  readonly failure: () => unknown;
}

/**
 * A file is large and a request is one text, so the SDK writes a word that stands for the file, and the
 * content takes its place while the request is sent: no more of it is held than a piece.
 */
export function streamedFiles(files: readonly LlmFile[]): FilesToSend {
  const placed = files.map((file) => ({ file, word: randomUUID().replaceAll('-', '') }));
  let failure: unknown;
  const noticed = async function* (pieces: AsyncIterable<string>) {
    try {
      yield* pieces;
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  return {
    parts: placed.map(({ file, word }, index) => partOf(file, index, word)),
    through: (fetch) => (files.length === 0 ? fetch : filling(placed, noticed, fetch)),
    failure: () => failure,
  };
}

/** The same with the content in the text: for services whose signature covers it. */
export async function wholeFiles(files: readonly LlmFile[]): Promise<FilesToSend> {
  const parts: LanguageModelV4FilePart[] = [];
  for (const [index, file] of files.entries()) {
    const pieces: Uint8Array[] = [];
    for await (const piece of file.content()) pieces.push(piece);
    parts.push(partOf(file, index, Buffer.concat(pieces)));
  }
  return { parts, through: (fetch) => fetch, failure: () => undefined };
}

interface Placed {
  readonly file: LlmFile;
  readonly word: string;
}

/** Names go out with letters that every service takes, and with a number that tells two alike apart. */
function partOf(
  { name, media_type }: LlmFile,
  index: number,
  data: string | Uint8Array,
): LanguageModelV4FilePart {
  const plain = (name.split('/').at(-1) ?? name).replaceAll(/[^A-Za-z0-9. -]+/g, '-');
  return {
    type: 'file',
    mediaType: media_type,
    filename: `${index + 1}-${plain}`,
    data: { type: 'data', data },
  };
}

function filling(
  placed: readonly Placed[],
  noticed: (pieces: AsyncIterable<string>) => AsyncIterable<string>,
  fetch: typeof globalThis.fetch,
): typeof globalThis.fetch {
  return (input, init = {}) => {
    const body = String(init.body); // the SDK sends a text
    const headers = new Headers(init.headers);
    headers.set('content-length', String(lengthOf(body, placed)));
    const filled = Readable.from(noticed(fillIn(body, placed)));
    // Node's and the web's declarations of one class
    return fetch(input, { ...init, headers, body: Readable.toWeb(filled) as never });
  };
}

function lengthOf(body: string, placed: readonly Placed[]): number {
  const grown = placed.reduce((sum, { file, word }) => sum + 4 * Math.ceil(file.bytes / 3) - word.length, 0);
  return Buffer.byteLength(body) + grown;
}

/** Services take the files in their order, so each word stands behind the one before. */
async function* fillIn(body: string, placed: readonly Placed[]): AsyncGenerator<string> {
  let from = 0;
  for (const { file, word } of placed) {
    const at = body.indexOf(word, from);
    if (at === -1) throw new RangeError(`the request has no place for the file ${file.name}`);
    yield body.slice(from, at);
    yield* inBase64(file.content());
    from = at + word.length;
  }
  yield body.slice(from);
}

async function* inBase64(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = Buffer.concat([rest, piece]);
    const whole = bytes.length - (bytes.length % 3);
    yield bytes.toString('base64', 0, whole);
    rest = Buffer.from(bytes.subarray(whole));
  }
  yield rest.toString('base64');
}
