import { type Static, Type } from 'typebox';
import { SNAPSHOT_TYPES } from '../statuses.ts';
import { closed, oneOf, S3UriSchema, Sha256Schema, TimestampSchema } from './scalars.ts';
import { CONTROL_SCHEMAS } from './state-bag.ts';

/** What create_snapshot leaves: pointers, not copies. */
export const SnapshotRecordSchema = closed({
  snapshot_id: Sha256Schema,
  snapshot_type: oneOf(SNAPSHOT_TYPES),
  execution_id: CONTROL_SCHEMAS.execution_id,
  created_at: TimestampSchema,
  state_s3_path: S3UriSchema,
  segment_to_run: CONTROL_SCHEMAS.segment_to_run,
  /** Where in that segment, if not at its beginning. */
  cursor: Type.Optional(CONTROL_SCHEMAS.cursor),
  loop_counter: CONTROL_SCHEMAS.loop_counter,
});
export type SnapshotRecord = Static<typeof SnapshotRecordSchema>;
