import { createHash } from 'node:crypto';
import type { ExecutionId, OwnerId, WorkflowId } from '@statebag/contracts/ids';
import type { RolloutSettings } from '@statebag/contracts/schemas/rollout';
import type { Generation } from '@statebag/runs';

/** What the choice can depend on. */
export interface Starting {
  readonly owner_id: OwnerId;
  readonly workflow_id: WorkflowId;
  readonly execution_id: ExecutionId;
}

/**
 * On which generation a new run begins. The same start gives the same answer, and a higher weight only ever
 * moves runs towards v3:
 * each start has a place between 0 and 100 of its own, and those below the weight are on v3.
 */
export function chooseGeneration(
  { kill_switch, overrides, sticky, v3 }: RolloutSettings,
  starting: Starting,
): Generation {
  if (kill_switch) return 'legacy';
  const { owner_id, workflow_id, execution_id } = starting;
  const override = Object.hasOwn(overrides, workflow_id) ? overrides[workflow_id] : undefined;
  if (override) return override;
  return placeOf(sticky === 'workflow' ? [owner_id, workflow_id] : [owner_id, workflow_id, execution_id]) < v3
    ? 'v3'
    : 'legacy';
}

/** A place from 0 to below 100 that follows from the words alone, evenly spread. */
export function placeOf(words: readonly string[]): number {
  return (createHash('sha256').update(JSON.stringify(words)).digest().readUInt32BE() / 2 ** 32) * 100;
}
