export { CONTROL_FIELDS } from './generated/control-fields.ts';

/** Wall-clock fields, wherever they stand in bag, history or pointer: left out of comparison and hashing. */
export const CLOCK_FIELDS: ReadonlySet<string> = new Set([
  'start_time',
  'last_update_time',
  'stored_at',
  'archived_at',
  'created_at',
  'started_at',
  'ended_at',
  'recorded_at',
  'aggregation_timestamp',
]);

/** Test switches: deployment configuration only, refused in user input. */
export const RESERVED_INPUT_FIELDS: ReadonlySet<string> = new Set(['MOCK_MODE', 'AUTO_RESUME_HITP']);

/**
 * What the name of a field begins with that keeps how far an unfinished node has come. It steers the node, so
 * neither a document nor an input may name one.
 */
export const PROGRESS_PREFIX = '__progress:';

/** Keys that could reach an object's prototype: refused in every delta, document and merge. */
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
