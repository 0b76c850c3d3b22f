import { HttpRequest, type HttpResponse } from '@smithy/core/protocols';
import { retryMiddleware, StandardRetryStrategy } from '@smithy/core/retry';
import { NodeHttpHandler, streamCollector } from '@smithy/node-http-handler';
import { SignatureV4 } from '@smithy/signature-v4';
import { NodeSha256 } from './node-sha256.ts';
import type { Place } from './place.ts';
import type { Answer, ServiceFailure } from './service-failure.ts';

/** A request to one service, without what every request has. */
export interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** Of a bucket, where it is part of the host's name. */
  readonly hostPrefix?: string;
  /** Escaped. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** How long is waited for an answer, and how often it is tried. */
export interface Patience {
  readonly maxAttempts: number;
  readonly requestHandler: {
    /** Milliseconds. */
    readonly connectionTimeout: number;
    /** Milliseconds, to the head of the answer. */
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
  };
}

/** A service, and how its refusals are read. */
export interface Service {
  /** Its name in signatures and in its host. */
  readonly name: string;
  /** False for S3, whose paths are signed as they stand. */
  readonly escapesTwice?: boolean;
  readonly failureOf: (answer: Answer) => ServiceFailure;
}

/** Sends a request, and gives its answer. @throws ServiceFailure for what is refused; Node's errors of connections */
export type Send = (request: Request) => Promise<Answer>;

/**
 * Requests to one service: signed, sent, and tried again by the SDK's own signer, transport and retry strategy
 * and by nothing else of it. Its clients take four times the processor time for the same request.
 */
export function signedRequests(service: Service, place: Place, patience: Patience): Send {
  const transport = new NodeHttpHandler(patience.requestHandler);
  const signer = new SignatureV4({
    service: service.name,
    region: async () => place.region(),
    credentials: async () => place.keys(),
    sha256: NodeSha256,
    uriEscapePath: service.escapesTwice ?? true,
  });
  const clock = { offset: 0 };
  const strategy = new StandardRetryStrategy(patience.maxAttempts);
  const retried = retryMiddleware({
    maxAttempts: async () => patience.maxAttempts,
    retryStrategy: async () => strategy,
  })<Output>(async ({ request }) => {
    // what `httpRequest` made
    const unsigned = request as HttpRequest;
    const signingDate = new Date(Date.now() + clock.offset);
    const { response } = await transport.handle(await signedWhole(signer, unsigned, signingDate));
    const answer = await answerOf(response);
    if (answer.status < 300) return { response, output: { answer, $metadata: {} } };
    const failure = service.failureOf(answer);
    if (correctsClock(clock, answer)) failure.$metadata.clockSkewCorrected = true; // it is tried again
    throw failure;
  }, {});
  return async (request) => {
    const { output } = await retried({ input: {}, request: httpRequest(request, service, place) });
    return output.answer;
  };
}

interface Output {
  readonly answer: Answer;
  $metadata: object;
}

async function signedWhole(
  signer: SignatureV4,
  request: HttpRequest,
  signingDate: Date,
): Promise<HttpRequest> {
  // it gives the class that it was given
  return (await signer.sign(request, { signingDate })) as HttpRequest;
}

function httpRequest({ hostPrefix = '', ...request }: Request, { name }: Service, place: Place): HttpRequest {
  const { protocol, hostname, port, host, pathname } = new URL(
    place.endpoint ?? `https://${hostPrefix}${hostOf(name, place.region())}`,
  );
  const trace = place.trace();
  const { body = '' } = request;
  return new HttpRequest({
    ...request,
    protocol,
    hostname,
    ...(port !== '' && { port: Number(port) }),
    path: `${pathname.replace(/\/$/, '')}${request.path}`,
    headers: {
      ...request.headers,
      host,
      'user-agent': 'statebag',
      'content-length': String(Buffer.byteLength(body)),
      ...(trace !== undefined && { 'x-amzn-trace-id': trace }),
    },
  });
}

/** Partitions of AWS by how their regions begin: as the SDK has them, 2026-11. */
const DOMAINS: readonly (readonly [string, string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['eusc-', 'amazonaws.eu'],
];

/** The host of a service in a region. */
export function hostOf(service: string, region: string): string {
  const domain = DOMAINS.find(([begin]) => region.startsWith(begin))?.[1] ?? 'amazonaws.com';
  return `${service}.${region}.${domain}`;
}

async function answerOf({ statusCode, headers, body }: HttpResponse): Promise<Answer> {
  return { status: statusCode, headers, body: await streamCollector(body) };
}

/** The clock of a service may be ahead of ours by this much, or behind; signatures hold for five minutes. */
const SKEW_MS = 240_000;

/** Takes the time of a refusal for the right one. True where ours was wrong. */
function correctsClock(clock: { offset: number }, { headers }: Answer): boolean {
  const theirs = Date.parse(headers['date'] ?? '');
  if (Number.isNaN(theirs) || Math.abs(theirs - Date.now() - clock.offset) < SKEW_MS) return false;
  clock.offset = theirs - Date.now();
  return true;
}
