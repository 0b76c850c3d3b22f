import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import dynalite from 'dynalite';
import type { ItemsService } from '../gateway/gateway.ts';
import { ApiError, type Items } from '../ports.ts';

export interface DynamoDb extends Items {
  readonly serve: ItemsService;
  close(): Promise<void>;
}

/** DynamoDB by dynalite, called inside the process: its request listener is handed a request that never was on a socket. The gateway has verified the signature. */
export function openDynamoDb(dataDir: string): DynamoDb {
  const path = join(dataDir, 'dynamodb');
  mkdirSync(path, { recursive: true });
  const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const serve: ItemsService = (action, text) => new Promise((resolve) => void server.emit('request', requestOf(action, text), new Response(resolve)));
  return {
    serve,
    call: async (action, input) => {
      const { status, body } = await serve(action, JSON.stringify(input));
      const output: unknown = JSON.parse(body);
      if (status === 200) return output;
      throw errorOf(output, status);
    },
    close: () => closeStore(server),
  };
}

/** The part of an HTTP request that dynalite reads. */
function requestOf(action: string, text: string): Readable {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `DynamoDB_20120810.${action}`,
    'x-amz-date': '20260101T000000Z',
    authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=verified',
  };
  return Object.assign(Readable.from([Buffer.from(text)]), { method: 'POST', url: '/', headers });
}

/** The part of an HTTP response that dynalite writes. */
class Response {
  statusCode = 200;
  readonly #resolve: (answer: { status: number; body: string }) => void;

  constructor(resolve: (answer: { status: number; body: string }) => void) {
    this.#resolve = resolve;
  }

  /** The gateway sets its own headers. */
  setHeader(): void {}

  end(body = ''): void {
    this.#resolve({ status: this.statusCode, body });
  }
}

function errorOf(output: unknown, status: number): ApiError {
  const fields = typeof output === 'object' && output !== null ? Object.entries(output) : [];
  const text = (...names: string[]): string => String(fields.find(([name]) => names.includes(name))?.[1] ?? '');
  const rest = fields.filter(([name]) => !['__type', 'message', 'Message'].includes(name));
  return new ApiError(text('__type').split('#').at(-1) ?? '', text('message', 'Message'), { status, fields: Object.fromEntries(rest) });
}

/** dynalite closes its database in the close of a server; this one never listened, so "not running" is not an error here. */
function closeStore(server: ReturnType<typeof dynalite>): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}
