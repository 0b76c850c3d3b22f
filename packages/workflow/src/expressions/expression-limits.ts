import { bytes, KB } from '@statebag/contracts';

/** What one expression may take. A segment that makes 50 MB is no special case; one expression that makes 100 MB is a mistake. */
export const EXPRESSION_LIMITS = {
  millis: 1_000,
  /** Nested calls and terms. */
  depth: 400,
  /** Members of one sequence. */
  sequence: 1_000_000,
  /** UTF-16 units of all texts, keys and numbers of the result. */
  resultSize: bytes(64 * KB * KB),
  /** What one call may make out of a short text (`$pad`, `$replace`). */
  textLength: 16 * KB * KB,
  sourceLength: 64 * KB,
  resultDepth: 200,
} as const;
