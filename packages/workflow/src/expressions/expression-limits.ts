import { bytes, KB } from '@statebag/contracts';

/**
 * What one expression may take. A segment that makes 50 MB is no special case; one expression that makes 100
 * MB is a mistake.
 */
export const EXPRESSION_LIMITS = {
  /** Of processor time. */
  millis: 1_000,
  /** Nested calls and terms. The members of a grouping are worked on side by side and count together. */
  depth: 20_000,
  /** Members of one sequence. */
  sequence: 1_000_000,
  /** UTF-16 units of all texts, keys and numbers of the result. */
  resultSize: bytes(64 * KB * KB),
  /** What one call may make out of a short text (`$pad`). */
  textLength: KB * KB,
  sourceLength: 64 * KB,
  resultDepth: 200,
} as const;

/** How far an evaluation may go where it runs. */
export interface Room {
  /** Of processor time. */
  readonly millis: number;
  /**
   * Largest value it may meet: members, and one for eight characters of text, shared parts counted each
   * time.
   */
  readonly valueSize: number;
}

/** In this process, for what is done in the time of its input and makes no more than that. */
export const PLAIN_ROOM_HERE: Room = {
  millis: EXPRESSION_LIMITS.millis,
  valueSize: Number.POSITIVE_INFINITY,
};
/**
 * In this process: nothing can stop a built-in function here, so it gets values that it is soon done with.
 */
export const ROOM_HERE: Room = { millis: 100, valueSize: 100_000 };
/** The same for what takes the square of a value's size. */
export const SMALL_ROOM_HERE: Room = { millis: 100, valueSize: 1_000 };
/** In a process of its own, which is ended where this is exceeded. */
export const ROOM_APART: Room = { millis: EXPRESSION_LIMITS.millis, valueSize: 4_000_000 };
