import { type Static, Type } from 'typebox';
import { ID_PATTERN, type WorkflowId } from '../ids.ts';
import { CountSchema, closed, oneOf, TimestampSchema } from './scalars.ts';

const Percent = Type.Number({ minimum: 0, maximum: 100 });

/**
 * The SSM parameter `/statebag/<stage>/rollout`, as JSON: on which generation new runs are started. A
 * parameter that a deployment has just made
 * was never changed, and says neither revision nor time.
 */
export const RolloutSettingsSchema = closed({
  /** Percent of new runs that begin on v3. */
  v3: Percent,
  /** What stays on one side: all runs of an owner's workflow, or one run only. */
  sticky: oneOf(['workflow', 'run']),
  /** Workflows that the weight does not concern. */
  overrides: Type.Unsafe<Readonly<Record<WorkflowId, 'v3' | 'legacy'>>>({
    type: 'object',
    propertyNames: { pattern: ID_PATTERN },
    additionalProperties: { type: 'string', enum: ['v3', 'legacy'] },
  }),
  /** Whether finished legacy runs are run again on v3 to compare them, and how many percent of them. */
  shadow: closed({ on: Type.Boolean(), share: Percent }),
  /** Every new run begins on legacy, whatever else is said here or asked for. */
  kill_switch: Type.Boolean(),
  /** Counts the changes: of two at once, one finds that it came second. */
  revision: Type.Optional(CountSchema),
  changed_at: Type.Optional(TimestampSchema),
});
export type RolloutSettings = Static<typeof RolloutSettingsSchema>;
