import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { ApiError } from '@statebag/states';
import type { Asked, Principal } from '../iam/policy.ts';

/** Who signed a request. */
export interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The owner, or the role behind the key. */
  readonly principal: Principal;
  /** Set when the key belongs to a deployed function. */
  readonly functionName?: string;
}

export interface Keyring {
  add(identity: Identity): void;
  find(accessKeyId: string): Identity | undefined;
}

/** The keys that the gateway accepts. */
export function createKeyring(identities: readonly Identity[]): Keyring {
  const byKey = new Map(identities.map((identity) => [identity.accessKeyId, identity]));
  return {
    add: (identity) => void byKey.set(identity.accessKeyId, identity),
    find: (accessKeyId) => byKey.get(accessKeyId),
  };
}

/** An HTTP request as it was sent: nothing decoded that a signature covers. */
export interface Request {
  readonly method: string;
  /** Percent-encoded, without the query. */
  readonly path: string;
  /** Names and values decoded. */
  readonly query: ReadonlyMap<string, string>;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
  readonly requestId: string;
}

/** A request whose signature was verified, and who signed it. */
export interface SignedRequest extends Request {
  readonly identity: Identity;
  readonly rights: OwnRights;
}

/** What whoever signed a request may do. */
export interface OwnRights {
  /** @throws ApiError `AccessDeniedException` */
  require(...asked: readonly Asked[]): void;
  may(asked: Asked): boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Readable;
}

/** One REST service behind the gateway. */
export type RestService = (request: SignedRequest) => Promise<Answer>;

/** The text of a header, or undefined when it is missing; a repeated header is its joined value. */
export function headerOf(request: Request, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** Splits a request target without normalising it: `..` and double slashes are part of S3 keys. */
export function parseTarget(target: string): {
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
} {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const pairs =
    mark < 0
      ? []
      : target
          .slice(mark + 1)
          .split('&')
          .filter(Boolean)
          .map(parsePair);
  return { path, query: new Map(pairs) };
}

/** Decodes percent-encoding; malformed text is the caller's mistake. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new ApiError('InvalidURI', "Couldn't parse the specified URI.", {
      fields: { cause: String(cause) },
    });
  }
}

/** Reads a whole body that may not exceed `limit` bytes. */
export async function readBody(body: Readable, limit: number, tooLarge: () => Error): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > limit) throw tooLarge();
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, size);
}

function parsePair(pair: string): readonly [string, string] {
  const equals = pair.indexOf('=');
  return equals < 0 ? [decode(pair), ''] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
}
