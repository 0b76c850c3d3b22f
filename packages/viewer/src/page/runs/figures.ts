import type { RunTrace, RunView } from '@statebag/contracts/schemas/api';
import { useEffect, useState } from 'preact/hooks';
import { ask } from '../ask.ts';
import { largestOf, runsSegment, transitionsOf } from '../run/transitions.ts';

/** What a row of the list says of a run besides its record. */
export interface Figures {
  readonly largest: number;
  readonly costNano: number;
  readonly segments: number;
}

/** Of runs that have ended they do not change, so they are asked for once. */
const ended = new Map<string, Figures>();
const MOST_KEPT = 2_000;
const AT_ONCE = 3;

/** The figures of the runs that are shown, as they come. */
export function useFigures(runs: readonly RunView[]): ReadonlyMap<string, Figures> {
  const [found, setFound] = useState<ReadonlyMap<string, Figures>>(new Map());
  const wanted = runs.map(({ execution_id, status }) => `${execution_id} ${status}`).join();
  useEffect(() => {
    const gone = new AbortController();
    const queue = [...runs];
    const work = async () => {
      for (let run = queue.shift(); run !== undefined && !gone.signal.aborted; run = queue.shift()) {
        const { execution_id } = run;
        const figures = ended.get(execution_id) ?? (await read(run, gone.signal));
        if (figures) setFound((known) => new Map(known).set(execution_id, figures));
      }
    };
    void Promise.all(Array.from({ length: AT_ONCE }, work));
    return () => gone.abort();
  }, [wanted]);
  return found;
}

/**
 * Nothing where the page was left, or the run is gone: its cells stay empty, and the row opens what is
 * known.
 */
async function read({ execution_id, status }: RunView, signal: AbortSignal): Promise<Figures | undefined> {
  let trace: RunTrace;
  try {
    trace = await ask<RunTrace>(`/api/runs/${encodeURIComponent(execution_id)}/trace`, { signal });
  } catch {
    return undefined;
  }
  const figures = figuresOf(trace);
  if (status === 'RUNNING') return figures;
  if (ended.size >= MOST_KEPT) ended.clear();
  ended.set(execution_id, figures);
  return figures;
}

function figuresOf({ usage, executions }: RunTrace): Figures {
  const states = executions.flatMap(({ states }) => states);
  return {
    largest: largestOf(transitionsOf(executions)),
    costNano: usage?.cost_nano_usd ?? 0,
    segments: states.filter((state) => runsSegment(state) && state.exited_at !== null).length,
  };
}
