import type { StoreCounts } from '@statebag/state-core/store/counted-store';
import type { ObjectStreams } from '@statebag/state-core/store/object-streams';

/** Streams on S3. The SDK's client is loaded with the first of them: most invocations open none. */
export function lateStreams(counts: StoreCounts): ObjectStreams {
  const streams = async () => (await import('./sdk-streams.ts')).sdkStreams(counts);
  return {
    open: async (...of) => (await streams()).open(...of),
    write: async (...of) => (await streams()).write(...of),
  };
}
