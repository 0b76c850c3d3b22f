import type { Json } from '@statebag/contracts';
import type { DecompressEvent } from '@statebag/contracts/schemas/actions';
import { validateDecompressEvent } from '@statebag/contracts/validators';
import { byteSizeOf } from '@statebag/state-core';
import { decompressPayload } from '@statebag/state-core/legacy';
import { plainStep } from '@statebag/step-kit';

/**
 * The inverse of the third tier of `update_and_compress`. It belongs to no run: it reads and writes nothing.
 */
export const decompress = plainStep<DecompressEvent, Json>({
  event: validateDecompressEvent,
  facts: ({ action }) => ({
    execution_id: null,
    action,
    segment_id: null,
    branch_path: '',
    loop_counter: 0,
  }),
  run({ compressed_data, state_data }, { tally }) {
    const payload = decompressPayload(compressed_data ?? state_data ?? null);
    tally.bag_bytes = byteSizeOf(payload);
    return payload;
  },
});
