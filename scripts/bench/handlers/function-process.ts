/**
 * A process with one function's code, as Lambda's: it answers events, and says what each took. Its arguments
 * are the file and what it exports.
 */
import { subscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';

/** What is asked: JSON text of an event. */
export interface Asked {
  readonly payload: string;
}

/** What is answered: JSON text of the reply, or the failure. */
export interface Answered {
  readonly payload?: string;
  readonly failure?: string;
  /** Milliseconds of all threads of the process, from the event's text to the reply's. */
  readonly cpuMs: number;
  /** HTTP requests that it made. */
  readonly requests: number;
  /** The most memory that the process has held since it began. */
  readonly peakBytes: number;
}

type Handler = (event: unknown, context: object) => Promise<unknown>;

const ENDS_AFTER_MS = 60_000;
const [file = '', exportName = ''] = process.argv.slice(2);
const handler: Handler = createRequire(import.meta.url)(file)[exportName];
let [invocations, requests] = [0, 0];

subscribe('http.client.request.start', () => void requests++);
process.on('message', ({ payload }: Asked) => {
  answered(payload).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function answered(payload: string): Promise<Answered> {
  const before = { cpu: process.cpuUsage(), requests };
  const took = () => {
    const { user, system } = process.cpuUsage(before.cpu);
    return {
      cpuMs: (user + system) / 1_000,
      requests: requests - before.requests,
      peakBytes: process.resourceUsage().maxRSS * 1_024,
    };
  };
  try {
    const reply = JSON.stringify(await handler(JSON.parse(payload), context())) ?? 'null';
    return { payload: reply, ...took() };
  } catch (error) {
    return { failure: error instanceof Error ? `${error.name}: ${error.message}` : String(error), ...took() };
  }
}

function context(): object {
  const ends = performance.now() + ENDS_AFTER_MS;
  return {
    awsRequestId: `bench-${process.pid}-${++invocations}`,
    functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: '1',
    getRemainingTimeInMillis: () => ends - performance.now(),
  };
}
