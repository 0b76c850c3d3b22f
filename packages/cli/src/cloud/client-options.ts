import type { AccessKey } from '@statebag/local-cloud/attach';

/** How an ordinary AWS client reaches a local cloud. */
export function clientOptions({ endpoint, credentials }: { endpoint: string; credentials: AccessKey }) {
  return { endpoint, region: 'us-east-1', credentials };
}
