import { createHash } from 'node:crypto';

/** One of several deployments that have an owner each to themselves. */
export interface Cell {
  /** The address of its API. */
  readonly api: string;
  readonly stage?: string;
  readonly region?: string;
  /** Owners that are here whatever their slot is. */
  readonly owners?: readonly string[];
  /** Slots of all other owners: `0-49`, `0-24,75-99`. */
  readonly slots?: string;
}

/** All cells, by name. */
export type Cells = Readonly<Record<string, Cell>>;

/** Every owner has one of so many slots for ever, so a slot is about a hundredth of them. */
export const SLOTS = 100;

/** The slot of an owner. */
export function slotOf(owner_id: string): number {
  return createHash('sha256').update(owner_id).digest().readUInt32BE(0) % SLOTS;
}

/**
 * The name of the cell that an owner is in: the one that names the owner, else the one that has the slot. A cell
 * that is added moves nobody but those that are named in it, or whose slot it is given.
 * @throws RangeError where `cellProblems` finds something
 */
export function cellOf(cells: Cells, owner_id: string): string {
  const slot = slotOf(owner_id);
  const all = Object.entries(cells);
  const [name] =
    all.find(([, { owners = [] }]) => owners.includes(owner_id)) ??
    all.find(([, cell]) => slotsOf(cell).includes(slot)) ??
    [];
  if (name === undefined) throw new RangeError(`no cell has slot ${slot}, which is that of ${owner_id}`);
  return name;
}

/** Why an owner would have no cell, or more than one: nothing where each has exactly one. */
export function cellProblems(cells: Cells): readonly string[] {
  const named = placesOf(cells, ({ owners = [] }) => owners);
  const slots = placesOf(cells, slotsOf);
  const strange = Object.entries(cells).filter(([, { slots: text = '' }]) => !RANGES.test(text));
  if (strange.length > 0)
    return strange.map(
      ([name, { slots: text }]) =>
        `cells.${name}.slots: ${JSON.stringify(text)} is no list of ranges from 0 to ${SLOTS - 1}`,
    );
  const missing = Array.from({ length: SLOTS }, (_, slot) => slot).filter((slot) => !slots.has(slot));
  return [
    ...twice(named).map(([owner, at]) => `owner ${owner} is named in ${at.join(' and ')}`),
    ...twice(slots).map(([slot, at]) => `slot ${slot} is in ${at.join(' and ')}`),
    ...(missing.length > 0 ? [`no cell has ${missing.length} of ${SLOTS} slots: ${missing.join(', ')}`] : []),
  ];
}

const RANGES = /^(?:\d{1,2}(?:-\d{1,2})?(?:,\d{1,2}(?:-\d{1,2})?)*)?$/;

function slotsOf({ slots = '' }: Cell): readonly number[] {
  return slots.split(',').flatMap((range) => {
    if (range === '') return [];
    const [from = 0, to = from] = range.split('-').map(Number);
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, place) => from + place);
  });
}

/** The cells in which each thing is. */
function placesOf<Thing>(cells: Cells, thingsOf: (cell: Cell) => readonly Thing[]): Map<Thing, string[]> {
  const places = new Map<Thing, string[]>();
  for (const [name, cell] of Object.entries(cells))
    for (const thing of thingsOf(cell)) places.set(thing, [...(places.get(thing) ?? []), name]);
  return places;
}

function twice<Thing>(places: ReadonlyMap<Thing, string[]>): [Thing, string[]][] {
  return [...places].filter(([, at]) => at.length > 1);
}
