import type { Json, JsonObject } from '@statebag/contracts';
import { API_LIMITS } from '@statebag/contracts/limits';
import { inlineState, isFieldPointer } from '@statebag/contracts/pointers';
import type { RunDetail } from '@statebag/contracts/schemas/api';
import type { RunRecord } from '@statebag/runs';
import { byteSizeOf } from '@statebag/state-core';
import { keptStateOf } from '@statebag/state-core/legacy';
import { loadManifest } from '@statebag/state-core/store/load-definition';
import type { Api } from '../open-api.ts';
import { lastBag, sessionFor } from '../run/last-bag.ts';

type Output = Pick<RunDetail, 'output' | 'output_pointers'>;

/**
 * The fields a run ends with: values while they fit, smallest first; the rest stand as pointers into the
 * run's part of the bucket.
 */
export async function readOutput(api: Api, run: RunRecord): Promise<Output> {
  const bag = await lastBag(api, run);
  if (bag === undefined) return { output: null, output_pointers: [] };
  const session = sessionFor(api, run);
  const { output_fields } = await loadManifest(
    { bucket: api.bucket, owner_id: run.owner_id, definition_id: run.definition_id },
    session,
  );
  const standing = await session.hydrator.standing(keptStateOf(bag));
  const fields = Object.entries(standing).filter(
    ([field]) => output_fields === null || output_fields.includes(field),
  );
  const left = pointersOver(fields, API_LIMITS.outputBytes);
  const inline = await session.hydrator.fields(
    inlineState(Object.fromEntries(fields.filter(([field]) => !left.has(field)))),
    'all',
  );
  const pointers = Object.fromEntries(fields.filter(([field]) => left.has(field)));
  return { output: { ...inline, ...pointers } as JsonObject, output_pointers: [...left] };
}

/** The largest fields, as many as it takes for the others to fit. */
function pointersOver(fields: readonly (readonly [string, Json])[], most: number): Set<string> {
  const sizes = fields
    .map(([field, value]) => ({ field, size: sizeOf(value), stored: isFieldPointer(value) }))
    .sort((left, right) => left.size - right.size);
  let total = 0;
  const over = sizes.filter(({ size, stored }) => {
    total += size;
    return total > most && stored;
  });
  return new Set(over.map(({ field }) => field));
}

function sizeOf(value: Json): number {
  return isFieldPointer(value) ? (value.size_bytes ?? 0) : byteSizeOf(value);
}
