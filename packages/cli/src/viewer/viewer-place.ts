import { createHmac } from 'node:crypto';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { About } from '@statebag/viewer';
import type { ApiPlace } from '../cloud/call-api.ts';

/** What the viewer looks at: the API's functions and Step Functions, on this machine or of a stage. */
export interface ViewerPlace extends ApiPlace {
  readonly sfn: SFNClient;
  /** Claims of the owner whose runs are shown, as the authoriser would hand them over. */
  readonly claims: Readonly<Record<string, string>>;
  /** Asked anew with every request: the process that runs a cloud can end. */
  readonly about: () => About;
  /** What every request has to carry. */
  readonly key: string;
}

/**
 * The viewer's secret of a data directory: whoever can read its access key can compute it, and nobody can
 * compute the access key from it. The same as long as the directory is there, so a page outlives its server.
 */
export function viewerKey({ secretAccessKey }: { readonly secretAccessKey: string }): string {
  return createHmac('sha256', secretAccessKey).update('statebag viewer').digest('base64url');
}
