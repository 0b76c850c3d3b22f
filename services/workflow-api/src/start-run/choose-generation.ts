import type { OwnerId, StartRunBody, WorkflowId } from '@statebag/contracts';
import { StatebagError } from '@statebag/contracts';
import type { Generation } from '@statebag/runs';

/** What the choice can depend on. */
export interface Starting {
  readonly owner_id: OwnerId;
  readonly workflow_id: WorkflowId;
  readonly wanted: StartRunBody['generation'];
}

/** Which generation of machines a new run is started on. @throws `Contract.EventRejected` for one that is not deployed */
export async function chooseGeneration({ wanted = 'v3' }: Starting): Promise<Generation> {
  if (wanted === 'v3') return wanted;
  throw new StatebagError('Contract.EventRejected', `the generation ${wanted} is not deployed here`);
}
