import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type QuotaSet, startLocalCloud } from '@statebag/local-cloud';
import { virtualClock } from '@statebag/local-cloud/testing';
import { type Runs, runsOver } from '@statebag/runs';
import { createRunsTable } from '@statebag/runs/testing';
import type { Clock } from '@statebag/states';
import { type Ask, directRequests } from './direct-requests.ts';

/** A cloud in virtual time with a table of runs and a machine that does nothing. */
export interface TrialCloud {
  readonly clock: Clock;
  readonly runs: Runs;
  readonly machine: string;
  /** Step Functions. */
  readonly states: Ask;
  /** Resolves so many milliseconds later. */
  later(ms: number): Promise<void>;
  /** When each execution of the machine began (epoch milliseconds), by its name. */
  began(): Promise<ReadonlyMap<string, number>>;
  close(): Promise<void>;
}

const TABLE = 'statebag-runs-trial';
/** Timers that are close to each other fire together: each jump of the clock costs a millisecond. */
const TICK_MS = 20;
const DEFINITION = JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Pass', End: true } } });
const ROLE = 'arn:aws:iam::000000000000:role/trial';

/** Opens one that is held to these quotas. */
export async function openTrialCloud(quotas: QuotaSet): Promise<TrialCloud> {
  const dataDir = mkdtempSync(join(tmpdir(), 'statebag-scale-'));
  const clock = virtualClock(0);
  const cloud = await startLocalCloud({ dataDir, durable: false, clock, quotas });
  const client = new DynamoDBClient(cloud.clientOptions);
  await createRunsTable(client, TABLE);
  client.destroy();
  const { items, states } = directRequests(cloud, clock);
  const { stateMachineArn: machine } = await states<{ stateMachineArn: string }>('CreateStateMachine', {
    name: 'trial',
    roleArn: ROLE,
    definition: DEFINITION,
  });
  return {
    clock,
    machine,
    states,
    runs: runsOver({ items, table: TABLE }),
    later: (ms) => {
      const at = Math.ceil((clock.now() + ms) / TICK_MS) * TICK_MS;
      return new Promise((resolve) => void clock.at(at, resolve));
    },
    began: () => executionsOf(states, machine),
    close: async () => {
      await cloud.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

interface Listed {
  /** Epoch seconds. */
  readonly executions: readonly { readonly name: string; readonly startDate: number }[];
  readonly nextToken?: string;
}

async function executionsOf(states: Ask, stateMachineArn: string): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  let page: Listed | undefined;
  do {
    const more = page?.nextToken === undefined ? {} : { nextToken: page.nextToken };
    page = await states<Listed>('ListExecutions', { stateMachineArn, maxResults: 1_000, ...more });
    for (const { name, startDate } of page.executions) found.set(name, startDate * 1_000);
  } while (page.nextToken !== undefined);
  return found;
}
