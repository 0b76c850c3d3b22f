import type {
  ApprovalList,
  ApprovalView,
  ExecutionTrace,
  HistoryPage,
  RunDefinition,
  RunTrace,
  RunView,
} from '@statebag/contracts/schemas/api';
import type { HistoryEntry, Usage } from '@statebag/contracts/schemas/history';
import { versionOfRun } from '../../wire.ts';
import { ask, askAll } from '../ask.ts';

/** What a page knows of a run, without values. */
export interface RunData {
  readonly run: RunView;
  readonly usage: Usage | null;
  readonly executions: readonly ExecutionTrace[];
  readonly entries: readonly HistoryEntry[];
  readonly approvals: readonly ApprovalView[];
  /** Which version this is, as the server counts them. */
  readonly version: string;
}

export type State = ExecutionTrace['states'][number];

export async function readRun(id: string): Promise<RunData> {
  const path = `/api/runs/${encodeURIComponent(id)}`;
  const [traces, histories, { approvals }] = await Promise.all([
    askAll<RunTrace>(`${path}/trace`),
    askAll<HistoryPage>(`${path}/history?limit=5000`),
    ask<ApprovalList>(`${path}/approvals`),
  ]);
  const [first] = traces;
  if (!first) throw new Error(`nothing is told of ${id}`);
  return {
    run: standing(first),
    usage: first.usage,
    executions: traces.flatMap(({ executions }) => executions),
    entries: histories.flatMap(({ entries }) => entries),
    approvals,
    version: versionOfRun(first, approvals),
  };
}

/** The record follows the end of an execution a little later. */
function standing({ run, executions }: RunTrace): RunView {
  const end = executions.findLast(({ parent }) => parent === null)?.end;
  if (run.status !== 'RUNNING' || !end) return run;
  return { ...run, status: end.status, ended_at: end.at, error: end.error, cause: end.cause };
}

export function readDefinition(id: string): Promise<RunDefinition> {
  return ask<RunDefinition>(`/api/runs/${encodeURIComponent(id)}/definition`);
}
