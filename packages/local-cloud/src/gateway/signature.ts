import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { ApiError } from '@statebag/states';
import { decode, headerOf, type Identity, type Keyring, type Request } from './request.ts';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const MAX_SKEW_MS = 15 * 60_000;
const EMPTY_SHA256 = createHash('sha256').digest('hex');

/** Everything a signature claims about itself, from the header or from a presigned query. */
interface Claim {
  readonly accessKeyId: string;
  /** `date/region/service/aws4_request`. */
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly timestamp: string;
  /** Lifetime in seconds of a presigned request. */
  readonly expires?: number;
}

export interface Evidence {
  readonly keyring: Keyring;
  /** SHA-256 of the body, when the whole body is known; otherwise what the request itself says it is. */
  readonly bodySha256?: string;
  readonly now: number;
}

/**
 * Finds out who signed a request (Signature Version 4, header or presigned query) and refuses everybody else.
 * Codes are S3's; other protocols translate them.
 * Our own code, because the library would make a small request a third dearer (docs/decisions/0014).
 */
export function authenticate(request: Request, evidence: Evidence): Identity {
  const claim = request.query.has('X-Amz-Signature') ? claimFromQuery(request) : claimFromHeader(request);
  const identity = evidence.keyring.find(claim.accessKeyId);
  if (identity === undefined)
    throw refusal('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
  refuseWrongTime(claim, evidence.now);
  const expected = signatureOf(request, claim, {
    secret: identity.secretAccessKey,
    bodySha256: evidence.bodySha256,
  });
  if (!equalText(expected, claim.signature)) {
    throw refusal(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    );
  }
  return identity;
}

/** The region and the service that a request says it is signed for; nothing of it is verified. */
export function signedFor(
  request: Request,
): { readonly region: string; readonly service: string } | undefined {
  const header = headerOf(request, 'authorization') ?? '';
  const [, region = '', service = ''] =
    /Credential=[^,]*\/([^/,]+)\/([^/,]+)\/aws4_request/.exec(header) ?? [];
  return service === '' ? undefined : { region, service };
}

function claimFromHeader(request: Request): Claim {
  const header = headerOf(request, 'authorization');
  if (header === undefined) throw refusal('AccessDenied', 'Access Denied');
  const fields = new Map(
    [...header.slice(ALGORITHM.length).matchAll(/(\w+)=([^,\s]+)/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
  const timestamp = headerOf(request, 'x-amz-date') ?? '';
  const [credential, signedHeaders, signature] = [
    fields.get('Credential'),
    fields.get('SignedHeaders'),
    fields.get('Signature'),
  ];
  if (
    !header.startsWith(ALGORITHM) ||
    credential === undefined ||
    signedHeaders === undefined ||
    signature === undefined
  ) {
    throw new ApiError(
      'AuthorizationHeaderMalformed',
      `Only ${ALGORITHM} with Credential, SignedHeaders and Signature is understood.`,
    );
  }
  return { ...parseCredential(credential), signedHeaders: signedHeaders.split(';'), signature, timestamp };
}

function claimFromQuery({ query }: Request): Claim {
  return {
    ...parseCredential(query.get('X-Amz-Credential') ?? ''),
    signedHeaders: (query.get('X-Amz-SignedHeaders') ?? '').split(';'),
    signature: query.get('X-Amz-Signature') ?? '',
    timestamp: query.get('X-Amz-Date') ?? '',
    expires: Number(query.get('X-Amz-Expires') ?? Number.NaN),
  };
}

function parseCredential(credential: string): { readonly accessKeyId: string; readonly scope: string } {
  const parts = credential.split('/');
  if (parts.length < 5 || parts.at(-1) !== 'aws4_request')
    throw new ApiError(
      'AuthorizationHeaderMalformed',
      'The credential has no scope date/region/service/aws4_request.',
    );
  return { accessKeyId: parts.slice(0, -4).join('/'), scope: parts.slice(-4).join('/') };
}

function refuseWrongTime({ timestamp, expires }: Claim, now: number): void {
  const signedAt = Date.parse(
    timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  if (Number.isNaN(signedAt)) throw refusal('AccessDenied', 'The request has no valid X-Amz-Date.');
  if (expires !== undefined && !(now <= signedAt + expires * 1000))
    throw refusal('AccessDenied', 'Request has expired');
  const skewed =
    expires === undefined ? Math.abs(now - signedAt) > MAX_SKEW_MS : signedAt - now > MAX_SKEW_MS;
  if (skewed)
    throw refusal(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
    );
}

function signatureOf(
  request: Request,
  claim: Claim,
  { secret, bodySha256 }: { secret: string; bodySha256: string | undefined },
): string {
  const isS3 = claim.scope.split('/')[2] === 's3';
  const canonical = [
    request.method,
    isS3 ? recode(request.path) : recode(request.path, encodeRfc3986),
    canonicalQuery(request.query),
    ...claim.signedHeaders.map(
      (name) => `${name}:${(headerOf(request, name) ?? '').trim().replace(/ +/g, ' ')}`,
    ),
    '',
    claim.signedHeaders.join(';'),
    payloadHash(request, claim, bodySha256),
  ].join('\n');
  const toSign = [
    ALGORITHM,
    claim.timestamp,
    claim.scope,
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n');
  return createHmac('sha256', signingKey(secret, claim.scope)).update(toSign).digest('hex');
}

function payloadHash(request: Request, claim: Claim, bodySha256: string | undefined): string {
  if (bodySha256 !== undefined) return bodySha256;
  return (
    headerOf(request, 'x-amz-content-sha256') ??
    (claim.expires === undefined ? EMPTY_SHA256 : 'UNSIGNED-PAYLOAD')
  );
}

/** Every service but S3 signs the path as it is sent, encoded a second time. */
function recode(path: string, again: (text: string) => string = (text) => text): string {
  return path
    .split('/')
    .map((segment) => again(encodeRfc3986(decode(segment))))
    .join('/');
}

function canonicalQuery(query: ReadonlyMap<string, string>): string {
  return [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encodeRfc3986(name), encodeRfc3986(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&');
}

/** A key holds for a day, a service and a secret: a handful of keys sign everything. */
const signingKeys = new Map<string, KeyObject>();
const MAX_SIGNING_KEYS = 1_000;

function signingKey(secret: string, scope: string): KeyObject {
  const name = `${scope}/${secret}`;
  const known = signingKeys.get(name);
  if (known !== undefined) return known;
  const made = scope
    .split('/')
    .reduce((key, part) => createHmac('sha256', key).update(part).digest(), Buffer.from(`AWS4${secret}`));
  if (signingKeys.size >= MAX_SIGNING_KEYS) signingKeys.clear(); // the scope is the caller's
  const key = createSecretKey(made);
  signingKeys.set(name, key);
  return key;
}

function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function equalText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function refusal(code: string, message: string): ApiError {
  return new ApiError(code, message, { status: 403 });
}
