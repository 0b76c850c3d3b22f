import type { JsonObject } from '@statebag/contracts';
import { GATHER } from '@statebag/contracts/limits';
import { isFieldPointer, type ReadFieldPointer } from '@statebag/contracts/pointers';

/** What is alive of one object: the fields of the state that lie in it. */
interface Alive {
  readonly names: string[];
  bytes: number;
}

/**
 * Fields that are worth writing anew with an index that is written anyway: those in objects of which little
 * is alive, where the state lies in so many objects that reading it takes more than two rounds of requests.
 * The least alive first; equal ones in the order of the fields.
 */
export function scatteredFields(fields: JsonObject): string[] {
  const objects = new Map<string, Alive>();
  for (const [name, value] of Object.entries(fields)) if (isFieldPointer(value)) note(objects, name, value);
  if (objects.size <= GATHER.objects) return [];
  const small = [...objects.values()].filter(({ bytes }) => bytes <= GATHER.aliveBytes);
  return withinBudget(small.sort((left, right) => left.bytes - right.bytes)).flatMap(({ names }) => names);
}

function note(objects: Map<string, Alive>, name: string, { s3_path, size_bytes }: ReadFieldPointer): void {
  // older pointers do not say their size: they count as too large
  const bytes = size_bytes ?? GATHER.totalBytes;
  const alive = objects.get(s3_path);
  if (alive === undefined) objects.set(s3_path, { names: [name], bytes });
  else {
    alive.names.push(name);
    alive.bytes += bytes;
  }
}

function withinBudget(objects: readonly Alive[]): Alive[] {
  let total = 0;
  return objects.filter(({ bytes }) => {
    total += bytes;
    return total <= GATHER.totalBytes;
  });
}
