import type { RunView } from '@statebag/contracts/schemas/api';
import type { RunRecord } from '@statebag/runs';

/** A run as its owner sees it. */
export function runView({
  execution_id,
  workflow_id,
  definition_id,
  generation,
  status,
  started_at,
  queued_at,
  ended_at,
  error,
  cause,
  execution_arns,
}: RunRecord): RunView {
  const outcome = { ended_at: ended_at ?? null, error: error ?? null, cause: cause ?? null };
  return {
    execution_id,
    workflow_id,
    definition_id,
    generation,
    status,
    started_at,
    queued_at: queued_at ?? null,
    ...outcome,
    resumes: Math.max(0, execution_arns.length - 1),
  };
}
