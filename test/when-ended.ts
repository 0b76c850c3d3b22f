import { setTimeout as pause } from 'node:timers/promises';
import type { LocalCloud } from '@statebag/local-cloud';

const LOOK_MS = 10;

export interface Watch {
  readonly executionArn: string;
  /** Between two looks. */
  readonly meanwhile?: () => Promise<void>;
  readonly stuckMs: number;
}

/**
 * Waits for the end of an execution. Looks from inside the cloud: looks through a client would take more
 * processor time than the run itself.
 */
export async function whenEnded(
  { states }: LocalCloud,
  { executionArn, meanwhile, stuckMs }: Watch,
): Promise<'ended' | 'stuck'> {
  for (const stuckAt = Date.now() + stuckMs; Date.now() < stuckAt; await pause(LOOK_MS)) {
    const status: unknown = Reflect.get(
      (await states['DescribeExecution']?.({ executionArn })) ?? {},
      'status',
    );
    if (status !== 'RUNNING') return 'ended';
    await meanwhile?.();
  }
  return 'stuck';
}
