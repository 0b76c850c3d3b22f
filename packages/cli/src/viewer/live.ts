import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { DescribeExecutionCommand, GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { eventFor } from '@statebag/api';
import type { ApprovalList, ApprovalPage, RunList, RunTrace } from '@statebag/contracts/schemas/api';
import { type Change, versionOfRun } from '@statebag/viewer';
import { invokeRoute } from '../cloud/call-api.ts';
import type { ViewerPlace } from './viewer-place.ts';

/** A person takes no notice of less. What has ended rarely changes, and of a stage each look is paid for. */
const LOOK_EVERY_MS = { here: 1_000, later: 5_000 } as const;
/** A run of thousands of segments takes a while to look at: it rests so many times longer. */
const REST = 5;
/** A comment so often, so that both sides notice a connection that is gone. */
const BEAT_EVERY_LOOKS = 20;

export interface Followed {
  readonly searchParams: URLSearchParams;
  readonly response: ServerResponse;
  readonly closing: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Server-sent events: the version of what a page shows, again whenever it is another one. The version is the
 * id of the event, so a page that comes back says what it has (`Last-Event-ID`) and is told at once if that
 * is old. What has changed is read by the routes that every reader uses.
 */
export async function followChanges(place: ViewerPlace, followed: Followed): Promise<void> {
  const { searchParams, response, closing, headers } = followed;
  response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' }).flushHeaders();
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, closing]);
  const lookAt = versionReader(place, searchParams);
  let told = response.req.headers['last-event-id'];
  // a page that opens a run reads it itself; one that comes back wants to know at once
  if (told === undefined && searchParams.has('run')) await rest(LOOK_EVERY_MS.here, signal);
  for (let look = 0; !signal.aborted; look += 1) {
    const began = performance.now();
    const version = await lookAt();
    const took = performance.now() - began;
    if (version !== told) {
      const change: Change = { version };
      response.write(`id: ${version}\ndata: ${JSON.stringify(change)}\n\n`);
      told = version;
    } else if (look % BEAT_EVERY_LOOKS === 0) response.write(': still here\n\n');
    const every = LOOK_EVERY_MS[place.stage === undefined && GOES_ON.test(version) ? 'here' : 'later'];
    await rest(Math.max(every, took * REST), signal);
  }
  response.end();
}

/** Where it is aborted, whoever loops sees that by itself. */
function rest(millis: number, signal: AbortSignal): Promise<void> {
  return pause(millis, undefined, { signal }).catch(() => undefined);
}

/** Versions of what may change at any moment: a list, or something that runs. */
const GOES_ON = /^(list|RUNNING)\./;

/** Reads the version of what is asked for: of one execution, of one run, or of the list of runs. */
function versionReader(place: ViewerPlace, query: URLSearchParams): () => Promise<string> {
  const [arn, run] = [query.get('arn'), query.get('run')];
  if (arn !== null) return () => executionVersion(place, arn);
  if (run !== null) return () => runVersion(place, run);
  return () => listVersion(place);
}

async function executionVersion({ sfn }: ViewerPlace, executionArn: string): Promise<string> {
  const [{ status }, { events = [] }] = await Promise.all([
    sfn.send(new DescribeExecutionCommand({ executionArn })),
    sfn.send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 1 })),
  ]);
  return `${status}.${events[0]?.id ?? 0}`;
}

async function runVersion(place: ViewerPlace, run: string): Promise<string> {
  const path = `/runs/${encodeURIComponent(run)}`;
  const [trace, { approvals }] = await Promise.all([
    asked<RunTrace>(place, `${path}/trace`),
    asked<ApprovalList>(place, `${path}/approvals`),
  ]);
  return versionOfRun(trace, approvals);
}

const LISTED = 50;

async function listVersion(place: ViewerPlace): Promise<string> {
  const [{ runs }, { approvals }] = await Promise.all([
    asked<RunList>(place, `/runs?limit=${LISTED}`),
    asked<ApprovalPage>(place, `/approvals?limit=${LISTED}&status=RUNNING`),
  ]);
  const running = runs.filter(({ status }) => status === 'RUNNING').length;
  const open = approvals.filter(({ approval }) => approval.state === 'OPEN');
  const asking = open.map(({ execution_id, approval }) => `${execution_id}${approval.asked_at}`).join();
  return `list.${runs[0]?.execution_id ?? 'none'}.${running}.${createHash('sha256').update(asking).digest('hex').slice(0, 12)}`;
}

async function asked<Body>(place: ViewerPlace, target: string): Promise<Body> {
  const found = eventFor({ method: 'GET', target, claims: place.claims });
  if (!found) throw new Error(`the API has no route GET ${target}`);
  const { statusCode, body } = await invokeRoute(place, found.route.key, found.event);
  if (statusCode !== 200) throw new Error(`GET ${target}: ${statusCode} ${body}`);
  return JSON.parse(body);
}
