import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { StatebagError, type Timestamp } from '@statebag/contracts';
import { type ExecutionId, isId, type OwnerId } from '@statebag/contracts/ids';
import { BY_OWNER, listPartitions, runKey } from './item-keys.ts';
import type { LargeOwners } from './large-owners.ts';
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
 * Runs that one question to the table looks at where a filter leaves some out, and questions for one page
 * behind the first ones.
 */
const LOOKED_AT = 200;
const QUESTIONS = 20;

/** How far a partition was looked through. */
interface Look {
  readonly partition: string;
  /** Its newest run that was not looked at is older than this; undefined: there is none. */
  seenTo: string | undefined;
}

export function runList(table: RunsTable, largeOwners: LargeOwners): RunList {
  return {
    async listRuns(owner_id, { limit, next, filter = {} }) {
      const seenTo = next === undefined ? undefined : positionIn(next);
      const partitions = listPartitions(owner_id, largeOwners);
      const looks: Look[] = partitions.map((partition) => ({ partition, seenTo }));
      const found: Item[] = [];
      const look = async (at: Look): Promise<void> => {
        const page = await table.query(queryOf(at, filter, limit));
        found.push(...page.items);
        at.seenTo = page.last && String(page.last['gsi1sk']);
      };
      await Promise.all(looks.map(look));
      for (let asked = 1; asked < QUESTIONS; asked += 1) {
        const least = leastSeen(looks);
        if (least === undefined || newerThan(found, least).length >= limit) break;
        await look(least);
      }
      const least = leastSeen(looks);
      return pageOf(newerThan(found, least), limit, least?.seenTo);
    },
  };
}

/** The partition that has the newest of all runs that were not looked at. */
function leastSeen(looks: readonly Look[]): Look | undefined {
  const open = looks.filter(({ seenTo }) => seenTo !== undefined);
  return open.toSorted((a, b) => (String(a.seenTo) > String(b.seenTo) ? -1 : 1))[0];
}

/** Those that no run stands between which was not looked at. */
function newerThan(found: readonly Item[], least: Look | undefined): readonly Item[] {
  return found.filter(({ gsi1sk }) => least?.seenTo === undefined || String(gsi1sk) >= least.seenTo);
}

function pageOf(found: readonly Item[], limit: number, seenTo: string | undefined): RunPage {
  const newest = found.toSorted((a, b) => (String(a['gsi1sk']) > String(b['gsi1sk']) ? -1 : 1));
  const shown = newest.slice(0, limit);
  const runs = shown.map(runOf);
  const last = newest.length > limit ? String(shown.at(-1)?.['gsi1sk']) : seenTo;
  return last === undefined ? { runs } : { runs, next: Buffer.from(last).toString('base64url') };
}

/** Before and after every time in a key. */
const [FIRST, LAST] = ['0', '~'];

function queryOf(
  { partition, seenTo }: Look,
  { status, workflow_id, since, until }: RunFilter,
  limit: number,
): Parameters<RunsTable['query']>[0] {
  const wanted = Object.entries({ status, workflow_id }).filter(([, value]) => value !== undefined);
  const range = {
    IndexName: BY_OWNER,
    KeyConditionExpression: 'gsi1pk = :owner AND gsi1sk BETWEEN :since AND :until',
    ScanIndexForward: false,
    Limit: wanted.length === 0 ? limit : LOOKED_AT,
    ...(seenTo !== undefined && { after: startingKey(partition, seenTo) }),
  };
  const values = { ':owner': partition, ':since': since ?? FIRST, ':until': until ?? LAST };
  if (wanted.length === 0) return { ...range, values };
  return {
    ...range,
    FilterExpression: wanted.map(([name]) => `#${name} = :${name}`).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(wanted.map(([name]) => [`#${name}`, name])),
    values: { ...values, ...Object.fromEntries(wanted.map(([name, value]) => [`:${name}`, value])) },
  };
}

const POSITION = /^(\d{4}-[0-9T:.-]+Z)#([A-Za-z0-9._:-]{1,64})$/;

/** A `next` says where in the owner's own list to go on, and nothing else. */
function positionIn(next: string): string {
  const gsi1sk = Buffer.from(next, 'base64url').toString();
  if (POSITION.test(gsi1sk)) return gsi1sk;
  throw new StatebagError(
    'Contract.EventRejected',
    `next ${JSON.stringify(next)} is not what an earlier answer gave`,
  );
}

/** Where a partition goes on behind a run, which may be in another one. */
function startingKey(gsi1pk: string, gsi1sk: string): Item {
  const execution_id = POSITION.exec(gsi1sk)?.[2];
  return { ...runKey(execution_id as ExecutionId), gsi1pk, gsi1sk }; // of the grammar of ids
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
