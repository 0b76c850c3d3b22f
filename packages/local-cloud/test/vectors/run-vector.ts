import { activitiesOf, queuesOf, receiverOf, type TokenAnswer, workerOf } from './answers.ts';
import { differenceAt, historyDifference } from './compare.ts';
import type { FunctionBehaviour, Vector } from './vector.ts';

/** How an execution ended here. */
export interface Ending {
  readonly status: string;
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  /** The types of its events in order. Undefined: it has no history, as an express execution. */
  readonly events?: readonly string[] | undefined;
}

/** A cloud that vectors run on. */
export interface VectorCloud {
  /** What functions do from now on. */
  useFunctions(behaviour: FunctionBehaviour | null): void;
  putObject(object: { readonly bucket: string; readonly key: string; readonly body: string }): Promise<void>;
  createMachine(machine: {
    readonly name: string;
    readonly definition: unknown;
    readonly type: 'STANDARD' | 'EXPRESS';
  }): Promise<string>;
  removeMachine(arn: string): Promise<void>;
  createQueue(name: string): Promise<string>;
  removeQueue(url: string): Promise<void>;
  /** Answers the tokens in the messages of a queue; returns what ends that. */
  answerQueue(url: string, answer: (body: unknown) => TokenAnswer): () => Promise<void>;
  createActivity(name: string): Promise<string>;
  removeActivity(arn: string): Promise<void>;
  /** Polls the activity until it has taken one task, and answers it; returns what ends the polling before that. */
  startWorker(activityArn: string, answer: (input: string) => TokenAnswer): () => Promise<void>;
  /** Runs an execution to its end. */
  execute(machineArn: string, input: string, type: 'STANDARD' | 'EXPRESS'): Promise<Ending>;
}

/** Whether something is as it was recorded; none: it was not recorded. */
export type Match = 'exact' | 'different' | 'none';

/** What became of a vector. */
export type Verdict =
  | {
      readonly kind: 'passed';
      readonly cause: Match;
      readonly history: Match;
      readonly differences: readonly string[];
    }
  | { readonly kind: 'failed'; readonly problem: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** Runs one vector and compares what it says. */
export async function runVector(vector: Vector, cloud: VectorCloud, name: string): Promise<Verdict> {
  try {
    return verdictOf(vector, await endingOf(vector, cloud, name));
  } catch (error) {
    const problem = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return problem.includes('NOT_SUPPORTED_LOCALLY')
      ? { kind: 'refused', reason: problem }
      : { kind: 'failed', problem };
  }
}

async function endingOf(vector: Vector, cloud: VectorCloud, name: string): Promise<Ending> {
  const type = vector.type ?? 'STANDARD';
  cloud.useFunctions(vector.lambda);
  for (const object of vector.s3 ?? []) await cloud.putObject(object);
  const arns: string[] = [];
  for (const [arn, definition] of Object.entries(vector.machines ?? {})) {
    arns.push(
      await cloud.createMachine({ name: arn.slice(arn.lastIndexOf(':') + 1), definition, type: 'STANDARD' }),
    );
  }
  const arn = await cloud.createMachine({ name, definition: vector.definition, type });
  const queues = await Promise.all(queuesOf(vector).map((queue) => cloud.createQueue(queue)));
  const activities = await Promise.all(
    activitiesOf(vector).map((activity) => cloud.createActivity(activity)),
  );
  const worker = workerOf(vector);
  const receiver = receiverOf(vector);
  const stops = [
    ...activities.map((activity) => (worker ? cloud.startWorker(activity, worker) : undefined)),
    ...queues.map((queue) => (receiver ? cloud.answerQueue(queue, receiver) : undefined)),
  ];
  try {
    return await cloud.execute(arn, JSON.stringify(vector.input), type);
  } finally {
    for (const stop of stops) await stop?.();
    for (const activity of activities) await cloud.removeActivity(activity);
    for (const queue of queues) await cloud.removeQueue(queue);
    for (const created of [...arns, arn]) await cloud.removeMachine(created);
  }
}

function verdictOf(vector: Vector, ending: Ending): Verdict {
  const { expect, ignore } = vector;
  const fail = (problem: string): Verdict => ({ kind: 'failed', problem });
  if (ending.status !== expect.status)
    return fail(
      `status ${ending.status} (${ending.error ?? ''}: ${ending.cause ?? ''}), expected ${expect.status}`,
    );
  if (expect.status === 'SUCCEEDED') {
    const pointer = differenceAt(expect.output, JSON.parse(ending.output ?? 'null'), new Set(ignore));
    return pointer === undefined
      ? passed(vector, ending)
      : fail(`output differs at ${pointer}: ${ending.output?.slice(0, 300)}`);
  }
  if (expect.error !== undefined && ending.error !== expect.error)
    return fail(`error ${ending.error}, expected ${expect.error}`);
  return passed(vector, ending);
}

function passed(vector: Vector, ending: Ending): Verdict {
  const ignore = new Set(vector.ignore_cause);
  const cause = vector.expect.status === 'SUCCEEDED' ? 'none' : causeOf(vector.expect, ending, ignore);
  const event = historyDifference(vector, ending.events);
  const history = vector.events && ending.events ? (event === undefined ? 'exact' : 'different') : 'none';
  const differences = [
    ...(cause === 'different' ? [`cause ${ending.cause}`] : []),
    ...(event === undefined ? [] : [event]),
  ];
  return { kind: 'passed', cause, history, differences };
}

function causeOf(expect: Vector['expect'], { cause }: Ending, ignore: ReadonlySet<string>): Match {
  if (expect.cause !== undefined) return expect.cause === cause ? 'exact' : 'different';
  if (expect.cause_json === undefined) return 'none';
  return differenceAt(expect.cause_json, parsed(cause), ignore) === undefined ? 'exact' : 'different';
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined; // no JSON: it differs from every JSON cause
  }
}
