import { ApiError } from '@statebag/states';

/**
 * Decodes `aws-chunked` framing; trailers (checksums computed while sending) are handed over at the end.
 * Chunk signatures are read past: the request's own signature was verified.
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Uint8Array>,
  onTrailer: (name: string, value: string) => void,
): AsyncGenerator<Buffer> {
  const reader = createFrameReader(source);
  for (;;) {
    const header = await reader.line();
    const size = Number.parseInt(header, 16);
    if (!Number.isSafeInteger(size) || size < 0)
      throw malformed(`a chunk begins with ${JSON.stringify(header.slice(0, 40))}`);
    if (size === 0) break;
    yield* reader.take(size);
    if ((await reader.line()) !== '') throw malformed('a chunk is longer than announced');
  }
  for (let line = await reader.lineOrEnd(); line !== ''; line = await reader.lineOrEnd()) {
    const colon = line.indexOf(':');
    if (colon > 0) onTrailer(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}

interface FrameReader {
  /** Up to the next CRLF; a body that ends before is malformed. */
  line(): Promise<string>;
  /** As `line`, but the end of the body is an empty line. */
  lineOrEnd(): Promise<string>;
  take(size: number): AsyncGenerator<Buffer>;
}

function createFrameReader(source: AsyncIterable<Uint8Array>): FrameReader {
  const chunks = source[Symbol.asyncIterator]();
  let pending: Buffer = Buffer.alloc(0);
  const more = async (): Promise<boolean> => {
    const next = await chunks.next();
    if (next.done !== true)
      pending = pending.length === 0 ? Buffer.from(next.value) : Buffer.concat([pending, next.value]);
    return next.done !== true;
  };
  const lineOrEnd = async (): Promise<string> => {
    let end = pending.indexOf('\r\n');
    while (end < 0 && (await more())) end = pending.indexOf('\r\n');
    const line = pending.subarray(0, end < 0 ? pending.length : end).toString('latin1');
    pending = end < 0 ? Buffer.alloc(0) : pending.subarray(end + 2);
    return line;
  };
  return {
    lineOrEnd,
    line: async () => {
      if (pending.length === 0 && !(await more())) throw malformed('the body ends before its last chunk');
      return lineOrEnd();
    },
    take: async function* (size) {
      for (let left = size; left > 0; ) {
        if (pending.length === 0 && !(await more())) throw malformed('the body ends inside a chunk');
        const part = pending.subarray(0, left);
        pending = pending.subarray(part.length);
        left -= part.length;
        yield part;
      }
    },
  };
}

function malformed(what: string): ApiError {
  return new ApiError('IncompleteBody', `The request body is not aws-chunked: ${what}.`);
}
