import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeStateMachineCommand,
  type DescribeStateMachineCommandOutput,
  DescribeStateMachineForExecutionCommand,
  type ExecutionListItem,
  paginateGetExecutionHistory,
  paginateListExecutions,
  SFNClient,
} from '@aws-sdk/client-sfn';
import type { Json, JsonObject } from '@statebag/contracts';
import { type HistoryEvent, readHistory } from '@statebag/doctor';
import { openAppToRead } from '../cloud/open-app.ts';
import { UsageError } from '../exit.ts';
import type { Looked } from './looked.ts';

const ARN = /^arn:(aws[\w-]*):states:([\w-]+):(\d{12}):(execution|express|stateMachine|mapRun):(.+)$/;

/** The account of a cloud on this machine; AWS has none of this number. */
const LOCAL_ACCOUNT = '000000000000';

export interface Arn {
  readonly text: string;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly kind: 'execution' | 'express' | 'stateMachine' | 'mapRun';
  readonly rest: string;
}

/** Undefined: the text is no ARN of Step Functions. */
export function parseArn(text: string): Arn | undefined {
  const [, partition = '', region = '', account = '', kind, rest = ''] = ARN.exec(text) ?? [];
  if (kind !== 'execution' && kind !== 'express' && kind !== 'stateMachine' && kind !== 'mapRun')
    return undefined;
  return { text, partition, region, account, kind, rest };
}

/** Step Functions and its logs, read only. */
export interface Reading {
  readonly sfn: SFNClient;
  readonly logs: CloudWatchLogsClient;
  close(): Promise<void> | void;
}

/** The account that an ARN names: AWS, or the cloud of this machine where it is that account. */
export async function openReading({ account, region }: Arn, dataDir: string): Promise<Reading> {
  const isLocal = account === LOCAL_ACCOUNT && process.env['AWS_ENDPOINT_URL'] === undefined;
  if (isLocal) return openAppToRead(dataDir);
  const [sfn, logs] = [new SFNClient({ region }), new CloudWatchLogsClient({ region })];
  return { sfn, logs, close: () => [sfn, logs].forEach((client) => void client.destroy()) };
}

/** One execution, with its definition as it was when it started. */
export async function readExecution(reading: Reading, arn: Arn): Promise<Looked> {
  if (arn.kind === 'express') return readExpress(reading, arn);
  const machine = await definitionOf(reading, arn);
  const events = await historyOf(reading, arn.text);
  return looked(arn, { ...machine, events: toHistory(events, arn.text) });
}

interface Read {
  readonly machine: string;
  readonly definition: JsonObject | undefined;
  readonly unknown: readonly string[];
  readonly events: readonly HistoryEvent[];
}

function looked(arn: Arn, { machine, definition, unknown, events }: Read): Looked {
  const isLocal = arn.account === LOCAL_ACCOUNT;
  return {
    name: arn.text,
    uri: machine,
    machine,
    text: definition === undefined ? '' : JSON.stringify(definition, null, 2),
    startedAt: events[0]?.at ?? 0,
    patient: { definition, events, unknown, now: Date.now() },
    ...(!isLocal && { link: linkTo(arn) }),
  };
}

const CONSOLES: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

function linkTo({ partition, region, text, kind }: Arn): string {
  const page = kind === 'express' ? 'express-executions' : 'executions';
  const host = CONSOLES[partition] ?? CONSOLES['aws'];
  return `https://${region}.${host}/states/home?region=${region}#/v2/${page}/details/${text}`;
}

/** Whoever may read the history but not the definition still gets a diagnosis, which says what it lacks. */
async function definitionOf(
  { sfn }: Reading,
  { text, rest }: Arn,
): Promise<Pick<Read, 'machine' | 'definition' | 'unknown'>> {
  try {
    const { definition = '{}', stateMachineArn = '' } = await sfn.send(
      new DescribeStateMachineForExecutionCommand({ executionArn: text }),
    );
    return { machine: stateMachineArn, definition: JSON.parse(definition), unknown: [] };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const unknown = [`the definition may not be read (states:DescribeStateMachineForExecution is refused)`];
    return { machine: rest.split(':')[0] ?? '', definition: undefined, unknown };
  }
}

const isRefusal = (error: unknown): boolean => error instanceof Error && /AccessDenied/.test(error.name);

const PAGE = 1000;

/** Every page of a history. What a state hands on comes again as the next one's input: it is kept once. */
async function historyOf({ sfn }: Reading, executionArn: string): Promise<Json[]> {
  const events: Json[] = [];
  const texts = new Map<string, string>();
  const once = (_: string, value: unknown): unknown => {
    if (typeof value !== 'string' || value.length < 100) return value;
    const known = texts.get(value) ?? value;
    texts.set(known, known);
    return known;
  };
  const query = { executionArn, includeExecutionData: true };
  for await (const page of paginateGetExecutionHistory({ client: sfn, pageSize: PAGE }, query))
    events.push(...JSON.parse(JSON.stringify(page.events ?? []), once)); // dates become text, as in a file
  return events;
}

function toHistory(events: readonly Json[], arn: string): readonly HistoryEvent[] {
  const history = readHistory(events);
  if (history) return history;
  throw new UsageError(`${arn}: its history is empty\n  mend: Step Functions keeps the histories of 90 days`);
}

/** An Express execution has its history only in the logs of its machine. */
async function readExpress(reading: Reading, arn: Arn): Promise<Looked> {
  const [machineName = ''] = arn.rest.split(':');
  const machine = `arn:${arn.partition}:states:${arn.region}:${arn.account}:stateMachine:${machineName}`;
  const described = await reading.sfn.send(new DescribeStateMachineCommand({ stateMachineArn: machine }));
  const { definition = '{}', loggingConfiguration } = described;
  const group = groupOf(described);
  if (group === undefined)
    throw new UsageError(
      `${machine}: an Express machine without logs, so nothing of an execution was kept
  mend: set its loggingConfiguration to level ALL with includeExecutionData, and run it again`,
    );
  const events = await loggedEvents(reading, group, arn.text);
  const level = loggingConfiguration?.level ?? 'OFF';
  const unknown = level === 'ALL' ? [] : [`logs are kept at level ${level}: what succeeded is not in them`];
  return looked(arn, {
    machine,
    definition: JSON.parse(definition),
    unknown,
    events: toHistory(events, arn.text),
  });
}

function groupOf({ loggingConfiguration }: DescribeStateMachineCommandOutput): string | undefined {
  const [destination] = loggingConfiguration?.destinations ?? [];
  return destination?.cloudWatchLogsLogGroup?.logGroupArn?.replace(/^.*:log-group:/, '').replace(/:\*$/, '');
}

async function loggedEvents({ logs }: Reading, logGroupName: string, arn: string): Promise<Json[]> {
  const events: Json[] = [];
  let nextToken: string | undefined;
  do {
    const filterPattern = `{ $.execution_arn = ${JSON.stringify(arn)} }`;
    const page = await logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern, nextToken }));
    events.push(...(page.events ?? []).map(({ message = '{}' }) => JSON.parse(message)));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
}

/** The newest executions of a machine or of a map run, at most so many, and how many more there are. */
export async function listExecutions(
  { sfn }: Reading,
  arn: Arn,
  { since, most }: { readonly since: number; readonly most: number },
): Promise<{ readonly chosen: readonly string[]; readonly more: boolean }> {
  const chosen: ExecutionListItem[] = [];
  const query = arn.kind === 'mapRun' ? { mapRunArn: arn.text } : { stateMachineArn: arn.text };
  for await (const { executions = [] } of paginateListExecutions({ client: sfn, pageSize: 100 }, query)) {
    const recent = executions.filter(({ startDate }) => (startDate?.getTime() ?? 0) >= since);
    chosen.push(...recent);
    if (recent.length < executions.length || chosen.length > most) break; // they come newest first
  }
  const arns = chosen.flatMap(({ executionArn }) => executionArn ?? []);
  return { chosen: arns.slice(0, most), more: arns.length > most };
}

/** The definition of a machine as it is now. */
export async function readMachineNow({ sfn }: Reading, arn: Arn): Promise<Looked> {
  const { definition = '{}' } = await sfn.send(
    new DescribeStateMachineCommand({ stateMachineArn: arn.text }),
  );
  const parsed: JsonObject = JSON.parse(definition);
  return {
    name: arn.text,
    uri: arn.text,
    machine: arn.text,
    text: JSON.stringify(parsed, null, 2),
    patient: { definition: parsed, now: Date.now() },
  };
}
