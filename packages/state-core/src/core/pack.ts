import type { Json } from '@statebag/contracts';
import { PACK_BYTES } from '@statebag/contracts/limits';
import { packUri, type RunLocation, type S3Uri } from '@statebag/contracts/object-keys';
import type { ReadFieldPointer } from '@statebag/contracts/pointers';
import type { FieldPointer } from '@statebag/contracts/schemas/pointers';
import { sha256Of } from './canonical-json.ts';
import {
  fieldPointer,
  type PlanContext,
  type PlannedValue,
  type PlannedWrite,
  planWrite,
} from './planned-write.ts';

/**
 * The address of a pack as it stands inside of that pack. Its name is the hash of its content, so it is not
 * known before the content is whole.
 */
const THIS_PACK = '.';

/** The same pointer, leading to where its value was put. */
export type Place = <Pointer extends ReadFieldPointer>(pointer: Pointer) => Pointer;

/** Values on their way to the store, in as few objects as it takes. */
export interface Packed {
  readonly writes: readonly PlannedWrite[];
  readonly place: Place;
}

/**
 * Puts values one after the other into one object; one alone stays an object of its own, and so does a very
 * large one.
 */
export function packed(values: readonly PlannedValue[], context: PlanContext): Packed {
  return packedUnder(values, [], context);
}

/** Values that were put beside those they point to. */
export interface PackedUnder extends Packed {
  /** To each of those on top, in their order. */
  readonly pointers: readonly FieldPointer[];
}

/** A value on top of others: it holds pointers to them. */
export type Over = (place: Place) => Json;

/** The same, with values on top that hold pointers to the others, in the same object. */
export function packedUnder(
  values: readonly PlannedValue[],
  overs: readonly Over[],
  context: PlanContext,
): PackedUnder {
  const { small, large } = bySize(values, context);
  const groups = layOut(small);
  const last = groups.at(-1) ?? [];
  const before = groups.slice(0, -1).map((slices) => closed(slices, context.location));
  const inside = placing([
    ...before.flatMap(placesOf),
    ...last.map((slice): Placed => [slice.value.uri, placeOf(slice, THIS_PACK)]),
  ]);
  const tops = overs.map((over) => planWrite(over(inside), 'blobs', context));
  const onTop = bySize(tops, context);
  if (onTop.large.length > 0) return apart(values, overs, context);
  const slices = onTop.small.reduce(nextTo, last);
  const packs = [...before, ...(slices.length > 0 ? [closed(slices, context.location)] : [])];
  const place = placing(packs.flatMap(placesOf));
  return {
    writes: [...large, ...packs.map(({ write }) => write)],
    place,
    pointers: tops.map((top) => place(fieldPointer(top, context.now))),
  };
}

/** Where one on top is very large. */
function apart(values: readonly PlannedValue[], overs: readonly Over[], context: PlanContext): PackedUnder {
  const { writes, place } = packed(values, context);
  const tops = overs.map((over) => planWrite(over(place), 'blobs', context));
  return {
    writes: [...writes, ...tops],
    place,
    pointers: tops.map((top) => fieldPointer(top, context.now)),
  };
}

/** A pointer that was read from a pack, as it leads from anywhere: `home` is the address of that pack. */
export function fromPack<Pointer extends ReadFieldPointer>(pointer: Pointer, home: string): Pointer {
  return pointer.s3_path === THIS_PACK ? { ...pointer, s3_path: home } : pointer;
}

interface Slice {
  readonly value: PlannedValue;
  readonly offset: number;
}

interface Pack {
  readonly write: PlannedWrite;
  readonly slices: readonly Slice[];
}

function bySize(values: readonly PlannedValue[], { thresholds: { packValue } }: PlanContext) {
  const distinct = [...new Map(values.map((value) => [value.uri, value])).values()];
  const isSmall = ({ object }: PlannedValue) => object.body.length <= packValue;
  return { small: distinct.filter(isSmall), large: distinct.filter((value) => !isSmall(value)) };
}

/** Values in the order they came, as many in each group as fit a pack. */
function layOut(values: readonly PlannedValue[]): Slice[][] {
  const groups: Slice[][] = [];
  for (const value of values) {
    const slices = groups.at(-1);
    if (slices && endOf(slices) + value.object.body.length <= PACK_BYTES)
      slices.push({ value, offset: endOf(slices) });
    else groups.push([{ value, offset: 0 }]);
  }
  return groups;
}

function endOf(slices: readonly Slice[]): number {
  const last = slices.at(-1);
  return last === undefined ? 0 : last.offset + last.value.object.body.length;
}

function nextTo(slices: readonly Slice[], value: PlannedValue): readonly Slice[] {
  return [...slices, { value, offset: endOf(slices) }];
}

function closed(slices: readonly Slice[], location: RunLocation): Pack {
  const [only, second] = slices;
  if (only && !second) return { write: only.value, slices: [] };
  const body = Buffer.concat(slices.map(({ value }) => value.object.body));
  const values = slices.flatMap(({ value, offset }) => value.values.map((one) => ({ ...one, offset })));
  const uri = packUri(location, sha256Of(body));
  return { write: { uri, object: { body, encoding: 'pack' }, values }, slices };
}

type SlicePlace = Required<Pick<FieldPointer, 'offset' | 'length'>> & { readonly s3_path: S3Uri };
type Placed = readonly [from: S3Uri, to: SlicePlace];

function placesOf({ write, slices }: Pack): Placed[] {
  return slices.map((slice) => [slice.value.uri, placeOf(slice, write.uri)]);
}

function placeOf({ value, offset }: Slice, pack: string): SlicePlace {
  // an address, or what stands for one inside of its pack
  return { s3_path: pack as S3Uri, offset, length: value.object.body.length };
}

function placing(places: readonly Placed[]): Place {
  const byAddress = new Map<string, SlicePlace>(places);
  return (pointer) => {
    const to = byAddress.get(pointer.s3_path);
    return to === undefined ? pointer : { ...pointer, ...to };
  };
}
