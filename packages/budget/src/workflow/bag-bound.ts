import { SAMPLES, THRESHOLDS } from '@statebag/contracts/limits';
import { bytesOf, isNothing, nameBytes, type Shape } from '../shape/shape.ts';
import type { BagFrame } from './bag-frame.ts';
import type { Fields } from './fields.ts';

/** A field and what it takes where it stands inline: key, colon, value, comma. */
export interface FieldSize {
  readonly name: string;
  readonly shape: Shape;
  readonly bytes: number;
}

const sizes = new WeakMap<Fields, readonly FieldSize[]>();

export function fieldSizes(fields: Fields): readonly FieldSize[] {
  const known = sizes.get(fields);
  if (known) return known;
  const found = [...fields.members].flatMap(([name, shape]) =>
    isNothing(shape) ? [] : [{ name, shape, bytes: nameBytes(name) + bytesOf(shape) + 2 + markBytes(shape) }],
  );
  sizes.set(fields, found);
  return found;
}

/** Data that looks like a pointer stands as `{"__escaped":…}`. */
const MARK = '{"__escaped":}'.length;
const MARKED = ['type', '__s3_offloaded', '__s3_path', '__escaped', '__deleted'];

function markBytes({ object, any }: Shape): number {
  if (any) return MARK;
  const mayLookAlike =
    object !== null && (object.others !== null || MARKED.some((name) => object.members.has(name)));
  return mayLookAlike ? MARK : 0;
}

/** All fields as they are, wherever they are kept. */
export function stateBytes(fields: Fields): number {
  if (fields.others) return Infinity;
  return fieldSizes(fields).reduce((sum, { bytes }) => sum + bytes, 2);
}

/** What of the workflow decides how its state is kept. */
export interface Keeping {
  readonly frame: BagFrame;
  /** Whether the state is ever too large for a bag, and so large that it goes behind an index. */
  readonly leaves: boolean;
  readonly indexed: boolean;
  /** Fields that are combined, or that answers become: they may stand as values beside an index. */
  readonly standing: ReadonlySet<string>;
}

/** Whether `planState` may put an index in front of such a state. */
export function mayBeIndexed(fields: Fields, { fieldPointer }: BagFrame): boolean {
  if (fields.others) return true;
  const sizes = fieldSizes(fields);
  const moved = ({ name }: FieldSize) => fieldPointer + nameBytes(name) + 2;
  const pointers = sizes
    .filter((size) => size.bytes > moved(size))
    .reduce((sum, size) => sum + moved(size), 0);
  const least = sizes.reduce((sum, size) => sum + Math.min(size.bytes, moved(size)), 1);
  return pointers > THRESHOLDS.indexFrom || least > THRESHOLDS.inlineState;
}

/**
 * What of a state travels in a bag, by the rules of `planState`: all of it as long as it fits, then no more
 * than what may stay inline, or the pointer to its index with what changed since beside it.
 */
export function inlineBytes(fields: Fields, keeping: Keeping): number {
  const whole = stateBytes(fields);
  const inline = Math.min(whole, THRESHOLDS.inlineState);
  if (!keeping.leaves || !keeping.indexed) return inline;
  return Math.max(
    inline,
    keeping.frame.statePointer + Math.min(besideIndex(fields, keeping), THRESHOLDS.overlay),
  );
}

const OPERATION = 40;

/** A value beside an index is small, or it is a pointer. */
function besideIndex(fields: Fields, { frame, standing }: Keeping): number {
  if (fields.others) return Infinity;
  const pointer = Math.max(frame.fieldPointer, THRESHOLDS.indexFrom / 2 + OPERATION);
  return fieldSizes(fields).reduce((sum, { name, bytes }) => {
    const most = standing.has(name) ? Infinity : pointer + nameBytes(name) + 2;
    return sum + Math.min(bytes, most);
  }, 0);
}

const MESSAGES = 2 * (256 + 1_024);
const PLACE = 600;

/** What failed stands in the bag of a run that ends with it, and of one whose optional parts failed. */
export const FAILURE_BYTES = SAMPLES.failedSegments * (MESSAGES + PLACE);
