import type { HistoryEvent, SFNClient } from '@aws-sdk/client-sfn';
import { isJsonObject } from '@statebag/contracts';
import { API_LIMITS } from '@statebag/contracts/limits';
import type { ExecutionTrace, RunTrace } from '@statebag/contracts/schemas/api';
import type { Usage } from '@statebag/contracts/schemas/history';
import type { Timestamp } from '@statebag/contracts/units';
import { isBagWritten, readHistory } from '@statebag/runs/history';
import { traceOfEvents } from '@statebag/runs/trace';

interface Found {
  readonly arn: string;
  readonly parent: string | null;
}

/**
 * What the executions of a run did: the first one, its resumes, and what these started on the same machine.
 * As many as fit one answer, from the `from`-th on.
 */
export async function tracePage(
  sfn: SFNClient,
  arns: readonly string[],
  from: number,
): Promise<Omit<RunTrace, 'run'>> {
  const queue: Found[] = arns.map((arn) => ({ arn, parent: null }));
  const executions: ExecutionTrace[] = [];
  let states = 0;
  let usage: Usage | null = null;
  for (let index = 0; index < queue.length; index += 1) {
    if (states >= API_LIMITS.tracedStates) return { executions, usage, next: String(index) };
    const found = queue[index];
    if (found === undefined) break;
    const { trace, children, usage: used } = await traced(sfn, found);
    if (found.parent === null) usage = used ?? usage;
    queue.push(...children.map((arn) => ({ arn, parent: trace.name })));
    if (index < from) continue;
    executions.push(trace);
    states += trace.states.length;
  }
  return { executions, usage, next: null };
}

async function traced(
  sfn: SFNClient,
  { arn, parent }: Found,
): Promise<{ trace: ExecutionTrace; children: string[]; usage: Usage | undefined }> {
  const history = await readHistory(sfn, arn);
  const { events, states, end } = traceOfEvents(history);
  const trace: ExecutionTrace = {
    name: nameOf(arn),
    parent,
    events,
    states: states.map(({ failures, children, entered_at, exited_at, ...state }) => ({
      ...state,
      // toISOString made all of these
      entered_at: entered_at as Timestamp,
      exited_at: exited_at as Timestamp | null,
      failures: failures.map((failure) => ({ ...failure, at: failure.at as Timestamp })),
      children: children.map(nameOf),
    })),
    end: end && { ...end, at: end.at as Timestamp },
  };
  const children = states
    .flatMap((state) => state.children)
    .filter((child) => machineOf(child) === machineOf(arn));
  return { trace, children, usage: usageIn(history.findLast(isBagWritten)) };
}

/** What the bag that an event left has counted; a bag of the first generation counts nothing. */
function usageIn(event: HistoryEvent | undefined): Usage | undefined {
  const envelope: unknown = JSON.parse(event?.stateExitedEventDetails?.output ?? 'null');
  const bag = isJsonObject(envelope) ? envelope['state_data'] : undefined;
  // the sync core wrote it
  return isJsonObject(bag) ? (bag['usage'] as unknown as Usage | undefined) : undefined;
}

function nameOf(arn: string): string {
  return arn.split(':').at(-1) ?? '';
}

/** The part of an execution's ARN that names its machine: only those of the run's own may be read. */
function machineOf(arn: string): string {
  return arn.split(':').slice(0, -1).join(':');
}
