import type { OwnerId } from '@statebag/contracts/ids';

/** A start that a caller asks for, so many milliseconds after the first moment. */
export interface Arrival {
  readonly at: number;
  readonly owner_id: OwnerId;
}

const ownerId = (place: number) => `owner-${place}` as OwnerId;

/** Asks for a fifth of all; the others share the rest evenly. */
export const LARGEST_OWNER = ownerId(0);
const OF_LARGEST = 5;

/** So many starts, evenly over so many milliseconds. */
export interface Crowd {
  readonly count: number;
  readonly owners: number;
  readonly within: number;
}

export function arrivals({ count, owners, within }: Crowd): readonly Arrival[] {
  return Array.from({ length: count }, (_, place) => ({
    at: Math.floor((place / count) * within),
    owner_id: place % OF_LARGEST === 0 ? LARGEST_OWNER : ownerId(1 + (place % (owners - 1))),
  }));
}
