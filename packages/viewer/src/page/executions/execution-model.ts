import type { StateTrace } from '@statebag/runs/trace';
import type { ExecutionDetail } from '../../wire.ts';
import { durationText, plural } from '../format.ts';
import type { GraphScope } from '../graph/graph.ts';
import { graphOfAsl } from '../graph/graph-of-asl.ts';
import type { Drawn } from '../graph/graph-view.tsx';
import { type Standing, TONES } from '../parts/standing.ts';
import type { Row } from '../run/timeline-rows.ts';

/** The machine of an execution; of a history without one, the states that were entered, in their order. */
export function scopeOf({ definition, trace }: ExecutionDetail): GraphScope {
  if (definition !== null) return graphOfAsl(JSON.parse(definition));
  const names = [...new Set(trace.states.map(({ state }) => state))];
  const steps = trace.states
    .slice(1)
    .map(({ state }, index) => ({ from: trace.states[index]?.state ?? '', to: state }));
  return {
    nodes: names.map((id) => ({ id, type: trace.states.find(({ state }) => state === id)?.kind ?? 'State' })),
    edges: [
      ...new Map(
        steps.filter(({ from, to }) => from !== to).map((step) => [`${step.from}>${step.to}`, step]),
      ).values(),
    ],
  };
}

/** Only what was entered: a machine that sees to every failure is mostly ways that were not taken. */
export function takenScope({ nodes, edges }: GraphScope, taken: ReadonlySet<string>): GraphScope {
  const kept = nodes.filter(({ id }) => taken.has(id));
  const has = new Set(kept.map(({ id }) => id));
  return {
    nodes: kept.map((node) => (node.inside ? { ...node, inside: takenScope(node.inside, taken) } : node)),
    edges: edges.filter(({ from, to }) => has.has(from) && has.has(to)),
  };
}

export function standingOfState(state: StateTrace, { trace, status }: ExecutionDetail): Standing {
  if (state.exited_at !== null) return 'ok';
  if (trace.end === null && status === 'RUNNING') return state.kind === 'Wait' ? 'wait' : 'run';
  return trace.end?.status === 'ABORTED' ? 'stop' : 'fail';
}

/** What each state of the machine came to: the worst of all times that it was entered. */
export function drawnStates(detail: ExecutionDetail, scope: readonly string[]): Map<string, Drawn> {
  const byName = Map.groupBy(detail.trace.states, ({ state }) => state);
  return new Map(scope.map((id) => [id, drawnState(byName.get(id) ?? [], detail)]));
}

const WORST: readonly Standing[] = ['fail', 'stop', 'run', 'wait', 'ok'];

function drawnState(entered: readonly StateTrace[], detail: ExecutionDetail): Drawn {
  if (entered.length === 0) return { standing: detail.trace.end === null ? 'pend' : 'skip', figure: '' };
  const standings = entered.map((state) => standingOfState(state, detail));
  const took = entered.reduce(
    (sum, { entered_at, exited_at }) =>
      sum + (exited_at === null ? 0 : Date.parse(exited_at) - Date.parse(entered_at)),
    0,
  );
  const times = entered.length > 1 ? `${entered.length} ×, ` : '';
  return {
    standing: WORST.find((each) => standings.includes(each)) ?? 'ok',
    figure: `${times}${durationText(took)}`,
  };
}

/** Every state that was entered, in the order of time. */
export function stateRows(detail: ExecutionDetail, now: number): Row[] {
  return detail.trace.states.map((state) => {
    const from = Date.parse(state.entered_at);
    const end = state.exited_at ?? detail.trace.end?.at;
    return {
      key: `e${state.event}`,
      kind: state.kind === 'Wait' ? 'wait' : 'node',
      name: state.state,
      depth: 1,
      tone: TONES[standingOfState(state, detail)],
      node: String(state.event),
      from,
      to: end === undefined ? Math.max(from, now) : Date.parse(end),
      open: state.exited_at === null,
      failures: state.failures.map(({ at, error }) => ({ at: Date.parse(at), error })),
    };
  });
}

/** Retries, in words. */
export function retriesText({ failures }: StateTrace): string {
  return failures.length === 0 ? 'none failed' : `${plural(failures.length, 'attempt')} failed`;
}
