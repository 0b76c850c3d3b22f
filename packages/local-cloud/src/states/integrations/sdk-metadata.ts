import { randomUUID } from 'node:crypto';
import type { Json } from '../language/json.ts';

/** What the service adds to the answer of an optimised integration: how the call went over HTTP. */
export function sdkMetadata(body: string, { requestId = randomUUID(), status = 200 }: { requestId?: string; status?: number } = {}): { [key: string]: Json } {
  const headers = {
    'x-amzn-RequestId': requestId,
    'Content-Length': String(Buffer.byteLength(body)),
    'Content-Type': 'application/json',
  };
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: status,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
}
