import { bytes, KB } from '@statebag/contracts';

/** What one expression may take. A segment that makes 50 MB is no special case; one expression that makes 100 MB is a mistake. */
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
