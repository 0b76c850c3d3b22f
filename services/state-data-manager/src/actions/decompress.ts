import type { DecompressEvent, ExecutionId, Json, OwnerId, Timestamp } from '@statebag/contracts';
import { validateDecompressEvent } from '@statebag/contracts/validators';
import { byteSizeOf } from '@statebag/state-core';
import { decompressPayload } from '@statebag/state-core/legacy';
import type { Step } from '@statebag/step-kit';

const NO_RUN = 'unidentified';

/** The inverse of the third tier of `update_and_compress`. It reads and writes nothing. */
export const decompress: Step<DecompressEvent, null, Json, Json> = {
  event: validateDecompressEvent,
  reader: () => ({ owner_id: NO_RUN as OwnerId, execution_id: NO_RUN as ExecutionId }), // text of the id grammar; no run has objects there
  facts: ({ action }) => ({ execution_id: NO_RUN, action, segment_id: null, branch_path: '', loop_counter: 0 }),
  now: () => '1970-01-01T00:00:00.000Z' as Timestamp, // nothing is planned
  reads: async () => null,
  run: ({ compressed_data, state_data }) => decompressPayload(compressed_data ?? state_data ?? null),
  finish: async (_event, payload) => ({ reply: payload, sizes: { bag_bytes: byteSizeOf(payload), control_plane_bytes: 0 } }),
};
