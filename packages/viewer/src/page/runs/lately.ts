import type { ApprovalPage, RunList, RunView } from '@statebag/contracts/schemas/api';
import { ask, askAll } from '../ask.ts';

const DAY = 86_400_000;
const DAYS = 14;
const MOST_PAGES = 10;

export interface DayCount {
  /** 2026-11-28 */
  readonly day: string;
  readonly all: number;
  readonly failed: number;
}

/** What happened of late: counts on top of the list of runs. */
export interface Lately {
  readonly days: readonly DayCount[];
  /** Runs that were counted; more than these began where `more` says so. */
  readonly scanned: number;
  readonly more: boolean;
  readonly running: readonly RunView[];
  /** What runs ask, by run. */
  readonly waiting: ReadonlyMap<string, string>;
  readonly succeededToday: number;
  readonly failedToday: number;
  readonly endedToday: number;
  readonly workflows: readonly string[];
}

export async function readLately(): Promise<Lately> {
  const since = new Date(Date.now() - (DAYS - 1) * DAY).toISOString().slice(0, 10);
  const [pages, running, approvals] = await Promise.all([
    askAll<RunList>(`/api/runs?limit=100&since=${since}`, MOST_PAGES),
    ask<RunList>('/api/runs?limit=100&status=RUNNING'),
    ask<ApprovalPage>('/api/approvals?limit=100&status=RUNNING'),
  ]);
  const runs = pages.flatMap((page) => page.runs);
  const today = runs.filter(({ started_at }) => Date.now() - Date.parse(started_at) < DAY);
  const failed = today.filter(isFailed).length;
  const succeeded = today.filter(({ status }) => status === 'SUCCEEDED').length;
  return {
    days: daysOf(runs),
    scanned: runs.length,
    more: (pages.at(-1)?.next ?? null) !== null,
    running: running.runs,
    waiting: questionsOf(approvals),
    failedToday: failed,
    succeededToday: succeeded,
    endedToday: today.filter(({ status }) => status !== 'RUNNING').length,
    workflows: [...new Set(runs.map(({ workflow_id }) => workflow_id))].sort(),
  };
}

function isFailed({ status }: RunView): boolean {
  return status === 'FAILED' || status === 'TIMED_OUT';
}

function questionsOf({ approvals }: ApprovalPage): Map<string, string> {
  const open = approvals.filter(({ approval }) => approval.state === 'OPEN');
  return new Map(
    open.map(({ execution_id, approval }) => [execution_id, `${approval.node_id}: ${approval.message}`]),
  );
}

/** Every day, also one without runs. */
function daysOf(runs: readonly RunView[]): DayCount[] {
  return Array.from({ length: DAYS }, (_, index) => {
    const day = new Date(Date.now() - (DAYS - 1 - index) * DAY).toISOString().slice(0, 10);
    const those = runs.filter(({ started_at }) => started_at.startsWith(day));
    return { day, all: those.length, failed: those.filter(isFailed).length };
  });
}
