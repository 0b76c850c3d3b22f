import { ApiError, type JsonActions } from '@statebag/states';
import { type Bucket, bucketsBy, openBucket, type Rate } from './bucket.ts';
import type { QuotaSet } from './quota-set.ts';

type Rates = Readonly<Record<string, Rate>>;

/** As the services of this kind refuse what is over a rate. */
export const throttled = (): ApiError => new ApiError('ThrottlingException', 'Rate exceeded');

/** Holds each action of Step Functions to its own rate; starts are held where executions begin. */
export function limitMachines(actions: JsonActions, { rates }: QuotaSet, now: () => number): JsonActions {
  return limited(actions, (name) => {
    const rate = name === 'StartExecution' ? undefined : rates[`states.${name}`];
    return rate && openBucket(rate, now);
  });
}

/** What is known of an execution that is about to begin. */
interface Starting {
  readonly express: boolean;
  /** A caller waits for its end. */
  readonly sync: boolean;
  /** Standard executions that are running. */
  readonly open: number;
}

/** Holds starts, also those by tasks, to the rates of their kind and to how many may be open. */
export function limitStarts({ rates, openExecutions }: QuotaSet, now: () => number) {
  const of = (name: string) => rates[name] && openBucket(rates[name], now);
  const [standard, express] = [of('states.StartExecution'), of('states.StartExecution.express')];
  return (start: Starting): void => {
    if (start.sync) return;
    if ((start.express ? express : standard)?.take(1) === false) throw throttled();
    if (!start.express && start.open >= openExecutions)
      throw new ApiError('ExecutionLimitExceeded', TOO_MANY_OPEN);
  };
}

const TOO_MANY_OPEN =
  'The maximum number of running executions has been reached. Running executions must end or be stopped before a new execution can be started.';

const READS: ReadonlySet<string> = new Set(['GetParameter', 'GetParameters', 'GetParametersByPath']);

/** Reads of parameters share one rate. */
export function limitParameters(actions: JsonActions, rates: Rates, now: () => number): JsonActions {
  const reads = rates['ssm.reads'] && openBucket(rates['ssm.reads'], now);
  return limited(actions, (name) => (READS.has(name) ? reads : undefined));
}

/** Requests that put events share one rate. */
export function limitPutEvents(actions: JsonActions, bucket: Bucket | undefined): JsonActions {
  return limited(actions, (name) => (name === 'PutEvents' ? bucket : undefined));
}

/** A queue in order takes so many calls of each action. */
export function limitQueues(actions: JsonActions, rates: Rates, now: () => number): JsonActions {
  const calls = bucketsBy(rates['sqs.fifo'], now);
  const held = Object.entries(actions).map(([name, action]) => [
    name,
    async (input: Record<string, unknown>) => {
      const queue = String(input['QueueUrl']);
      if (queue.endsWith('.fifo') && calls(`${name} ${queue}`)?.take(1) === false) throw throttled();
      return action(input);
    },
  ]);
  return Object.fromEntries(held);
}

function limited(actions: JsonActions, bucketOf: (name: string) => Bucket | undefined): JsonActions {
  const held = Object.entries(actions).map(([name, action]) => {
    const bucket = bucketOf(name);
    if (bucket === undefined) return [name, action];
    const act = async (input: Record<string, unknown>) => {
      if (!bucket.take(1)) throw throttled();
      return action(input);
    };
    return [name, act];
  });
  return Object.fromEntries(held);
}
