import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { StatebagError, type Timestamp } from '@statebag/contracts';
import { type ExecutionId, isId, type OwnerId } from '@statebag/contracts/ids';
import { BY_OWNER, ownerPartition, runKey } from './item-keys.ts';
import type { RunFilterTexts } from './run-filters.ts';
import { RUN_STATUSES, type RunRecord, type RunStatus, statusAtEnd } from './run-record.ts';
import { runOf } from './run-records.ts';
import type { Item, RunsTable } from './runs-table.ts';

/** Which runs of an owner. The index serves the times; status and workflow are looked at run by run. */
export interface RunFilter {
  readonly status?: RunStatus | undefined;
  readonly workflow_id?: string | undefined;
  readonly since?: Timestamp | undefined;
  readonly until?: Timestamp | undefined;
}

export interface RunPage {
  readonly runs: readonly RunRecord[];
  /** Asks for the runs before these. A page with fewer runs than asked for may have one, too. */
  readonly next?: string;
}

export interface PageOfRuns {
  readonly limit: number;
  readonly next?: string | undefined;
  readonly filter?: RunFilter;
}

export interface RunList {
  /**
   * The runs of an owner, newest first. Branches, continuations and resumes are parts of a run and are not
   * listed. @throws `Contract.EventRejected` for a `next` that no answer gave
   */
  listRuns(owner_id: OwnerId, page: PageOfRuns): Promise<RunPage>;
}

/** @throws `Contract.EventRejected` naming the filter that does not fit */
export function runFilterOf({ status, workflow_id, since, until }: RunFilterTexts): RunFilter {
  if (workflow_id !== undefined && !isId(workflow_id)) throw unfit('workflow_id', workflow_id);
  const from = since === undefined ? undefined : timeOf('since', since);
  const to = until === undefined ? undefined : timeOf('until', until);
  if (from !== undefined && to !== undefined && from > to)
    throw unfit('until', to, `: it is before since, ${from}`);
  return {
    status: status === undefined ? undefined : statusOf(status),
    workflow_id,
    since: from,
    until: to,
  };
}

function statusOf(text: string): RunStatus {
  const status = RUN_STATUSES.find((each) => each === text);
  if (status) return status;
  throw unfit('status', text, `; there is ${RUN_STATUSES.join(', ')}`);
}

function timeOf(name: string, text: string): Timestamp {
  const time = /^\d{4}-\d{2}-\d{2}(T[0-9:.]+Z)?$/.test(text) ? new Date(text) : new Date(Number.NaN);
  if (Number.isNaN(time.getTime())) throw unfit(name, text, '; write 2026-03-01 or 2026-03-01T08:00:00Z');
  return time.toISOString() as Timestamp; // the one form toISOString has
}

function unfit(name: string, text: string, hint = ''): StatebagError {
  return new StatebagError('Contract.EventRejected', `${name} ${JSON.stringify(text)} does not fit${hint}`);
}

/**
 * Runs that one question to the table looks at where a filter leaves some out, and questions for one page.
 */
const LOOKED_AT = 200;
const QUESTIONS = 20;

export function runList(table: RunsTable): RunList {
  return {
    async listRuns(owner_id, { limit, next, filter = {} }) {
      const query = queryOf(owner_id, filter);
      const found: RunRecord[] = [];
      let after: Item | undefined = next === undefined ? undefined : positionOf(owner_id, next);
      for (let asked = 0; asked < QUESTIONS; asked += 1) {
        const Limit = 'FilterExpression' in query ? LOOKED_AT : limit;
        const page = await table.query({ ...query, Limit, ...(after && { after }) });
        found.push(...page.items.map(runOf));
        if (found.length > limit) return cut(found, limit);
        after = page.last;
        if (after === undefined) return { runs: found };
        if (found.length === limit) break;
      }
      return { runs: found, next: textOf(String(after?.['gsi1sk'])) };
    },
  };
}

/** Before and after every time in a key. */
const [FIRST, LAST] = ['0', '~'];

function queryOf(owner_id: OwnerId, { status, workflow_id, since, until }: RunFilter) {
  const wanted = Object.entries({ status, workflow_id }).filter(([, value]) => value !== undefined);
  const range = {
    IndexName: BY_OWNER,
    KeyConditionExpression: 'gsi1pk = :owner AND gsi1sk BETWEEN :since AND :until',
    ScanIndexForward: false,
  };
  const values = { ':owner': ownerPartition(owner_id), ':since': since ?? FIRST, ':until': until ?? LAST };
  if (wanted.length === 0) return { ...range, values };
  return {
    ...range,
    FilterExpression: wanted.map(([name]) => `#${name} = :${name}`).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(wanted.map(([name]) => [`#${name}`, name])),
    values: { ...values, ...Object.fromEntries(wanted.map(([name, value]) => [`:${name}`, value])) },
  };
}

function cut(found: readonly RunRecord[], limit: number): RunPage {
  const runs = found.slice(0, limit);
  const last = runs.at(-1);
  return { runs, next: textOf(`${last?.started_at}#${last?.execution_id}`) };
}

const POSITION = /^(\d{4}-[0-9T:.-]+Z)#([A-Za-z0-9._:-]{1,64})$/;

function textOf(gsi1sk: string): string {
  return Buffer.from(gsi1sk).toString('base64url');
}

/** A `next` says where in the owner's own list to go on, and nothing else. */
function positionOf(owner_id: OwnerId, next: string): Item {
  const gsi1sk = Buffer.from(next, 'base64url').toString();
  const execution_id = POSITION.exec(gsi1sk)?.[2];
  if (execution_id === undefined)
    throw new StatebagError(
      'Contract.EventRejected',
      `next ${JSON.stringify(next)} is not what an earlier answer gave`,
    );
  // of the grammar of ids
  return { ...runKey(execution_id as ExecutionId), gsi1pk: ownerPartition(owner_id), gsi1sk };
}

/** What looking through all runs takes. */
export interface Listing {
  readonly runs: RunList;
  /** Asked how a run stands whose end is not on record: the record follows a little later. */
  readonly sfn: SFNClient;
}

const PAGE = 100;

/** All runs of an owner, newest first, page by page as they are asked for, each as it stands now. */
export async function* everyRun(
  { runs, sfn }: Listing,
  owner_id: OwnerId,
  { status, ...filter }: RunFilter = {},
): AsyncGenerator<RunRecord> {
  let next: string | undefined;
  do {
    const page = await runs.listRuns(owner_id, { limit: PAGE, next, filter });
    for (const run of page.runs) {
      const now = await asItStands(sfn, run);
      if (status === undefined || now.status === status) yield now;
    }
    next = page.next;
  } while (next !== undefined);
}

async function asItStands(sfn: SFNClient, run: RunRecord): Promise<RunRecord> {
  const executionArn = run.execution_arns.at(-1);
  if (run.status !== 'RUNNING' || executionArn === undefined) return run;
  try {
    const { status = 'RUNNING', stopDate } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    const ended = RUN_STATUSES.find((each) => each === status);
    if (ended === undefined || ended === 'RUNNING') return run;
    const ended_at = stopDate?.toISOString() as Timestamp | undefined; // the one form toISOString has
    return { ...run, status: statusAtEnd(run, ended), ended_at };
  } catch (error) {
    // recorded, and not begun yet
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return run;
    throw error;
  }
}
