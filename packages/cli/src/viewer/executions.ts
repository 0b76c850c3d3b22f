import {
  DescribeExecutionCommand,
  DescribeStateMachineForExecutionCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { readHistory } from '@statebag/runs/history';
import { traceOfEvents } from '@statebag/runs/trace';
import type {
  ExecutionDetail,
  ExecutionPage,
  ExecutionView,
  MachineView,
  StatePayload,
} from '@statebag/viewer';

/** Executions of any state machine, as a page asks for them. */
export interface Executions {
  answer(path: string, query: URLSearchParams): Promise<object>;
}

const PAGE = 50;
/** Histories that were read last, of executions that have ended: a click on a state reads none again. */
const KEPT = 4;

export function openExecutions(sfn: SFNClient): Executions {
  const kept = new Map<string, HistoryEvent[]>();
  const history = async (arn: string, ended: boolean): Promise<HistoryEvent[]> => {
    const found = kept.get(arn);
    if (found) return found;
    const events = await readHistory(sfn, arn);
    if (ended) kept.set(arn, events);
    const [oldest] = kept.keys();
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
    return events;
  };
  const answers: Readonly<Record<string, (query: URLSearchParams) => Promise<object>>> = {
    '/executions-of/account': () => machinesOf(sfn),
    '/executions-of/machine': (query) => executionsOf(sfn, query),
    '/executions-of/trace': (query) => detailOf(sfn, asked(query, 'arn'), history),
    '/executions-of/payload': (query) => payloadOf(sfn, query, history),
  };
  return {
    async answer(path, query) {
      const found = answers[path];
      if (!found) throw new Error(`nothing is served at ${path}`);
      return found(query);
    },
  };
}

type ReadEvents = (arn: string, ended: boolean) => Promise<HistoryEvent[]>;

function asked(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value === null || value === '') throw new Error(`the query has no ${name}`);
  return value;
}

async function machinesOf(sfn: SFNClient): Promise<readonly MachineView[]> {
  const machines: MachineView[] = [];
  let nextToken: string | undefined;
  do {
    const page = await sfn.send(new ListStateMachinesCommand({ maxResults: 100, nextToken }));
    for (const { stateMachineArn = '', name = '' } of page.stateMachines ?? [])
      machines.push({ arn: stateMachineArn, name });
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return machines;
}

async function executionsOf(sfn: SFNClient, query: URLSearchParams): Promise<ExecutionPage> {
  const nextToken = query.get('next') ?? undefined;
  const page = await sfn.send(
    new ListExecutionsCommand({ stateMachineArn: asked(query, 'machine'), maxResults: PAGE, nextToken }),
  );
  return { executions: (page.executions ?? []).map(viewOf), next: page.nextToken ?? null };
}

interface Described {
  readonly executionArn?: string | undefined;
  readonly name?: string | undefined;
  readonly status?: string | undefined;
  readonly startDate?: Date | undefined;
  readonly stopDate?: Date | undefined;
}

function viewOf({
  executionArn = '',
  name = '',
  status = '',
  startDate,
  stopDate,
}: Described): ExecutionView {
  return {
    arn: executionArn,
    name,
    status,
    started_at: (startDate ?? new Date(0)).toISOString(),
    ended_at: stopDate?.toISOString() ?? null,
  };
}

async function detailOf(sfn: SFNClient, executionArn: string, read: ReadEvents): Promise<ExecutionDetail> {
  const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  const ended = described.status !== 'RUNNING';
  const [events, { definition = null }] = await Promise.all([
    read(executionArn, ended),
    sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn })),
  ]);
  return {
    ...viewOf(described),
    machine_arn: described.stateMachineArn ?? '',
    definition,
    trace: traceOfEvents(events),
  };
}

/** What entered and left the state that an event entered. */
async function payloadOf(sfn: SFNClient, query: URLSearchParams, read: ReadEvents): Promise<StatePayload> {
  const arn = asked(query, 'arn');
  const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
  const events = await read(arn, status !== 'RUNNING');
  const wanted = Number(asked(query, 'event'));
  const exit = traceOfEvents(events).states.find(({ event }) => event === wanted)?.exit_event;
  const at = (id: number | null | undefined) => events.find((event) => event.id === id);
  return {
    input: at(wanted)?.stateEnteredEventDetails?.input ?? null,
    output: at(exit)?.stateExitedEventDetails?.output ?? null,
  };
}
