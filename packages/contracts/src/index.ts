/**
 * What every file needs: JSON, units, the one error class, the door. Everything else has a path of its own.
 */
export { isJsonObject, type Json, type JsonObject } from './json.ts';
export { isStatebagError, NON_RETRYABLE_CODES, RETRYABLE_CODES, StatebagError } from './statebag-error.ts';
export {
  type ByteSize,
  bytes,
  KB,
  type Sha256,
  type Timestamp,
  timestampOf,
} from './units.ts';
export { accept, type Validator } from './validate.ts';
