import type { CompiledWorkflow } from '@statebag/workflow';
import type { Fields } from './fields.ts';
import type { Points } from './points.ts';
import type { Walk } from './sight.ts';

/** What the lines of a budget are worked out from. */
export interface Bounds {
  readonly compiled: CompiledWorkflow;
  readonly seen: Walk['seen'];
  readonly points: Points;
  /** What the input brings. */
  readonly given: Fields;
  /** By segment: bytes that its lines take in the history. */
  readonly historyOf: ReadonlyMap<string, number>;
}
