import { isObject, type Json, type JsonObject, measured } from './json.ts';
import { childrenOf, type Path, through } from './json-path.ts';
import { OffloadError } from './offload-error.ts';
import { escaped, isPointer, looksReserved, unescaped } from './pointer.ts';

/** What stays inline, and what leaves it. */
export interface Plan {
  /** The value with a hole for each value that leaves: `fill` closes them. */
  readonly leaving: readonly Json[];
  /** The reply, given what stands for each leaving value, in the order of `leaving`. */
  readonly fill: (pointers: readonly Json[]) => Json;
}

export interface PlanOptions {
  /** Bytes that the value may take, pointers included. */
  readonly budget: number;
  /** Bytes of one pointer. */
  readonly pointerBytes: number;
  /** What must stay where it is. */
  readonly keep: readonly Path[];
  /** Pointers of this writer's own objects travel on as they are; any other look-alike is data. */
  readonly isOwn: (value: Json) => boolean;
}

/** Texts of this size leave before any structure does: a Choice or a Map rarely looks at them. */
const TEXT_BYTES = 1_024;
/**
 * A structure leaves whole, rather than piece by piece, when no piece makes this share of what must leave.
 */
const WORTHWHILE = 1 / 8;

/** A value that is larger than a pointer, with those inside of it. */
interface Place {
  readonly path: string;
  readonly value: Json;
  readonly parent: Place | null;
  readonly children: Place[];
  readonly holdsKept: boolean;
  /** Bytes it takes in the reply as planned so far. */
  inline: number;
  moved: boolean;
}

/**
 * Decides what leaves so that the rest fits: first large texts, the largest first; then structures, the
 * smallest that is enough.
 * The same value always gives the same plan.
 * @throws `Offload.BudgetExceeded` naming what takes the room.
 */
export function plan(given: Json, options: PlanOptions): Plan {
  const value = protect(given, options.isOwn);
  const sizeOf = measured(value);
  if (sizeOf(value) <= options.budget) return { leaving: [], fill: () => value };
  const root = survey(value, { ...options, sizeOf }, { path: '$', parent: null, keep: options.keep });
  const work: Work = { root, pointerBytes: options.pointerBytes, budget: options.budget };
  moveTexts(work);
  shrink(work, root);
  if (excess(work) > 0) throw tooLarge(work);
  // Equal texts are stored once.
  const leaving = [...new Set(outermostMoved(root).map((place) => place.value))];
  const indexOf = new Map(leaving.map((each, index) => [each, index] as const));
  const fill: Plan['fill'] = (pointers) =>
    refill(root, (place) => {
      const pointer = pointers[indexOf.get(place.value) ?? -1];
      if (pointer === undefined) throw new Error(`nothing stands for ${place.path}`);
      return pointer;
    });
  return { leaving, fill };
}

interface Work {
  readonly root: Place;
  readonly pointerBytes: number;
  readonly budget: number;
}

const excess = ({ root, budget }: Work): number => root.inline - budget;

/** Wraps data that has a reserved member, so that a reader gives it back as it was. */
function protect(value: Json, isOwn: PlanOptions['isOwn']): Json {
  if (Array.isArray(value)) return value.map((each: Json) => protect(each, isOwn));
  if (!isObject(value) || isOwn(value)) return value;
  const inside = Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, protect(each, isOwn)]),
  );
  return looksReserved(value) ? escaped(inside as JsonObject) : inside;
}

interface Spot {
  readonly path: string;
  readonly parent: Place | null;
  readonly keep: readonly Path[];
  /**
   * What an escape wraps leaves with it or not at all: a pointer in its place would be taken for the data.
   */
  readonly isWrapped?: boolean;
}

interface Survey extends PlanOptions {
  readonly sizeOf: (value: Json) => number;
}

function survey(value: Json, options: Survey, { path, parent, keep, isWrapped = false }: Spot): Place {
  const place: Place = {
    path,
    value,
    parent,
    children: [],
    holdsKept: isWrapped || (keep.length > 0 && reaches(value, keep)),
    inline: options.sizeOf(value),
    moved: false,
  };
  if (isPointer(value)) return place;
  const wraps = isObject(value) && unescaped(value) !== undefined;
  for (const [key, child] of childrenOf(value)) {
    if (!isLargerThan(child, options)) continue;
    const at = { path: childPath(path, key), parent: place, keep: through(keep, key), isWrapped: wraps };
    place.children.push(survey(child, options, at));
  }
  return place;
}

const childPath = (path: string, key: string | number) =>
  typeof key === 'number' ? `${path}[${key}]` : `${path}.${key}`;

/** Numbers, booleans and null never are; texts are measured only as far as it takes. */
function isLargerThan(value: Json, { pointerBytes, sizeOf }: Survey): boolean {
  if (typeof value === 'string') return value.length * 3 + 2 > pointerBytes && sizeOf(value) > pointerBytes;
  return typeof value === 'object' && value !== null && sizeOf(value) > pointerBytes;
}

/** Whether one of the paths leads to something in the value. */
function reaches(value: Json, keep: readonly Path[]): boolean {
  if (keep.some((path) => path.length === 0)) return true;
  return childrenOf(value).some(([key, child]) => {
    const onward = through(keep, key);
    return onward.length > 0 && reaches(child, onward);
  });
}

function moveTexts(work: Work): void {
  const texts = all(work.root).filter(({ value, holdsKept, inline }) => {
    return typeof value === 'string' && !holdsKept && inline > Math.max(TEXT_BYTES, work.pointerBytes);
  });
  texts.sort((left, right) => right.inline - left.inline);
  for (const text of texts) {
    if (excess(work) <= 0) return;
    move(work, text);
  }
}

/** Frees what is missing below a place: in the largest part if that is enough, else all of it, and so on. */
function shrink(work: Work, place: Place): void {
  const parts = place.children.filter((child) => !child.moved);
  for (const part of parts.sort((left, right) => right.inline - left.inline)) {
    if (excess(work) <= 0) return;
    const gain = part.inline - work.pointerBytes;
    if (canLeave(place) && gain < excess(work) * WORTHWHILE) break;
    if (part.holdsKept || (gain >= excess(work) && part.children.length > 0)) shrink(work, part);
    else if (gain > 0) move(work, part);
  }
  if (excess(work) > 0 && canLeave(place) && place.inline > work.pointerBytes) move(work, place);
}

/** The whole reply leaves only where nothing of it is to be kept and it has no members to see. */
const canLeave = (place: Place): boolean =>
  !place.holdsKept && (place.parent !== null || !isObject(place.value));

function move({ pointerBytes }: Work, place: Place): void {
  const gain = place.inline - pointerBytes;
  place.moved = true;
  for (let at: Place | null = place; at !== null; at = at.parent) at.inline -= gain;
}

function all(place: Place): Place[] {
  return [place, ...place.children.flatMap(all)];
}

function outermostMoved(place: Place): Place[] {
  return place.moved ? [place] : place.children.flatMap(outermostMoved);
}

function refill(place: Place, pointerOf: (place: Place) => Json): Json {
  if (place.moved) return pointerOf(place);
  const byValue = new Map(place.children.map((child) => [child.path, child]));
  const part = (key: string | number, value: Json) => {
    const child = byValue.get(childPath(place.path, key));
    return child === undefined ? value : refill(child, pointerOf);
  };
  const { value } = place;
  if (place.children.length === 0) return value;
  if (Array.isArray(value)) return value.map((each: Json, index) => part(index, each));
  return Object.fromEntries(childrenOf(value).map(([key, each]) => [key, part(key, each)]));
}

function tooLarge({ root, budget }: Work): OffloadError {
  const largest = all(root)
    .filter(({ moved, children }) => !moved && children.length === 0)
    .sort((left, right) => right.inline - left.inline)
    .slice(0, 5);
  const named = largest.map(({ path, inline }) => `${path} (${inline})`).join(', ');
  return new OffloadError(
    'Offload.BudgetExceeded',
    `what must stay inline takes ${root.inline} bytes, the budget is ${budget}; largest: ${named || 'many small values'}`,
  );
}
