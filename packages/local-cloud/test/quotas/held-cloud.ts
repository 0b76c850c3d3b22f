import { virtualClock } from '@statebag/states';
import type { QuotaSet } from '../../src/quotas/quota-set.ts';
import { eventually, openTestCloud, type TestCloud } from '../gateway/test-cloud.ts';

/** A cloud that is held to quotas, in virtual time. */
export interface HeldCloud extends TestCloud {
  /** Milliseconds of its clock. */
  now(): number;
  /** An action of Step Functions. */
  call(action: string, input: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** The ARN of a new machine. */
  machine(definition: object, more?: object): Promise<string>;
  /** An execution when it has ended. */
  ended(executionArn: unknown): Promise<Record<string, unknown>>;
  later(millis: number): Promise<void>;
}

/** Holds a cloud to these quotas and no others. */
export async function openHeldCloud(quotas: Partial<QuotaSet>): Promise<HeldCloud> {
  const clock = virtualClock();
  const none = { concurrency: 1_000, openExecutions: 1_000_000, rates: {} };
  const opened = await openTestCloud({ clock, durable: false, quotas: { ...none, ...quotas } });
  const call: HeldCloud['call'] = async (action, input) => ({
    ...(await opened.cloud.states[action]?.(input)),
  });
  let machines = 0;
  return {
    ...opened,
    now: clock.now,
    call,
    async machine(definition, more = {}) {
      const { stateMachineArn } = await call('CreateStateMachine', {
        name: `m${machines++}`,
        roleArn: 'arn:aws:iam::000000000000:role/m',
        definition: JSON.stringify(definition),
        ...more,
      });
      return String(stateMachineArn);
    },
    ended: (executionArn) =>
      eventually(async () => {
        const execution = await call('DescribeExecution', { executionArn });
        return execution['status'] === 'RUNNING' ? undefined : execution;
      }),
    later: (millis) => new Promise((resolve) => void clock.at(clock.now() + millis, () => resolve())),
  };
}

export const DONE = { StartAt: 'Done', States: { Done: { Type: 'Pass', End: true } } };
