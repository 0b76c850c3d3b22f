import { type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import { API_LIMITS } from '@statebag/contracts/limits';
import { isFieldPointer } from '@statebag/contracts/pointers';
import type { StateField } from '@statebag/contracts/schemas/api';
import { byteSizeOf } from '@statebag/state-core';
import type { StateHydrator } from '@statebag/state-core/store/state-hydrator';

/**
 * Fields as a reader sees them: values while all of them together fit an answer, smallest first; of one field
 * alone its value up to 4 MB, of a larger one the beginning. @throws `Contract.EventRejected` for a field
 * that is not there
 */
export async function shownFields(
  hydrator: StateHydrator,
  standing: JsonObject,
  only: string | undefined,
): Promise<StateField[]> {
  if (only !== undefined && !Object.hasOwn(standing, only))
    throw new StatebagError(
      'Contract.EventRejected',
      `field ${JSON.stringify(only)}: the state has no such field at this place`,
    );
  const sized = Object.entries(standing)
    .filter(([name]) => only === undefined || name === only)
    .map(([name, value]) => ({ name, value, bytes: sizeOf(value) }));
  const fitting = fitted(sized, only === undefined ? API_LIMITS.outputBytes : API_LIMITS.fieldBytes);
  return Promise.all(
    sized.map(async ({ name, value, bytes }) => ({
      name,
      bytes,
      bag_bytes: byteSizeOf(value),
      stored: isFieldPointer(value),
      ...(fitting.has(name) && { value: await hydrator.value(value) }),
      ...(only !== undefined && !fitting.has(name) && { head: headOf(await hydrator.value(value)) }),
    })),
  );
}

function fitted(fields: readonly { name: string; bytes: number }[], most: number): Set<string> {
  let total = 0;
  const smallestFirst = fields.toSorted((left, right) => left.bytes - right.bytes);
  return new Set(
    smallestFirst
      .filter(({ bytes }) => {
        total += bytes;
        return total <= most;
      })
      .map(({ name }) => name),
  );
}

function sizeOf(value: Json): number {
  return isFieldPointer(value) ? (value.size_bytes ?? 0) : byteSizeOf(value);
}

/** The beginning of a value's text, without half a character at its end. */
function headOf(value: Json): string {
  const text = JSON.stringify(value).slice(0, API_LIMITS.headBytes);
  return text.isWellFormed() ? text : text.slice(0, -1).toWellFormed();
}
