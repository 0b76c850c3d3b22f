import { type Static, Type } from 'typebox';
import { ID_PATTERN, type OwnerId, type WorkflowId } from '../ids.ts';
import { START_QUEUE } from '../limits.ts';
import { CountSchema, closed, oneOf, TimestampSchema } from './scalars.ts';

const Percent = Type.Number({ minimum: 0, maximum: 100 });

const OpenRuns = Type.Optional(Type.Integer({ minimum: 1, maximum: START_QUEUE.mostOpenRuns }));

/** What one owner gets that others do not. */
const OwnerStartsSchema = closed({
  /** Runs of this owner that are open at once; the next ones wait. */
  open_runs: OpenRuns,
  /** Each step is worth a minute of waiting. */
  priority: Type.Optional(Type.Integer({ minimum: 0, maximum: START_QUEUE.mostPriority })),
});

/** How many runs begin, how many are open, and how many wait. What is not said is as START_QUEUE has it. */
const StartSettingsSchema = closed({
  /** Waiting runs that are begun in a second, by all owners together. */
  per_second: Type.Optional(Type.Number({ minimum: 0.1, maximum: 10_000 })),
  /** Runs of an owner that may wait; further starts are refused. */
  waiting: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  /** Runs of an owner that are open at once; without it there is no such limit. */
  open_runs: OpenRuns,
  owners: Type.Optional(
    Type.Unsafe<Readonly<Record<OwnerId, Static<typeof OwnerStartsSchema>>>>({
      type: 'object',
      propertyNames: { pattern: ID_PATTERN },
      additionalProperties: OwnerStartsSchema,
    }),
  ),
});
export type StartSettings = Static<typeof StartSettingsSchema>;

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
  /** How runs begin where not all may at once. */
  starts: Type.Optional(StartSettingsSchema),
  /** Counts the changes: of two at once, one finds that it came second. */
  revision: Type.Optional(CountSchema),
  changed_at: Type.Optional(TimestampSchema),
});
export type RolloutSettings = Static<typeof RolloutSettingsSchema>;
