import type { EventBus, JsonActions, Objects, StartGate } from '@statebag/states';
import type { RestService } from '../gateway/request.ts';
import {
  limitMachines,
  limitParameters,
  limitPutEvents,
  limitQueues,
  limitStarts,
  throttled,
} from './action-limits.ts';
import { openBucket } from './bucket.ts';
import { limitFunctions, type Reservations } from './function-limits.ts';
import { type ItemsDoor, limitItems } from './item-limits.ts';
import { limitObjects } from './object-limits.ts';
import { type QuotaSet, USUAL_CONCURRENCY } from './quota-set.ts';

/** Holds services to the rates of an account. Without a set of quotas each is given back as it is. */
export interface Quotas {
  /** Step Functions' actions. */
  machines(actions: JsonActions): JsonActions;
  /** Asked before an execution begins, whoever starts it; undefined: any may. */
  readonly starting: StartGate | undefined;
  /** Milliseconds that a frame waits before it enters a state; undefined: none ever does. */
  readonly pace: (() => number) | undefined;
  /** Functions that the account lets work at the same time. */
  readonly concurrency: number;
  functions<Call extends { readonly functionName: string }, Result>(
    invoke: (call: Call) => Promise<Result>,
    reservations?: Reservations,
  ): (call: Call) => Promise<Result>;
  objects<Door extends Objects & { readonly serve: RestService }>(objects: Door): Door;
  items<Door extends ItemsDoor>(items: Door): Door;
  parameters(actions: JsonActions): JsonActions;
  queues(actions: JsonActions): JsonActions;
  /** PutEvents by whoever calls it, and by tasks. */
  putEvents(actions: JsonActions): JsonActions;
  taskBus(bus: EventBus): EventBus;
  /** Milliseconds that a rule's target waits for its event. */
  delivery(): number;
  /** Whether the account may have another request to an HTTP API. */
  mayRequest(): boolean;
}

const same = <Value>(value: Value): Value => value;
const UNHELD = { concurrency: Number.MAX_SAFE_INTEGER, rates: {} };
/** Functions are held to nothing but the places that they have to themselves. */
const NONE: Quotas = {
  machines: same,
  starting: undefined,
  pace: undefined,
  concurrency: USUAL_CONCURRENCY,
  functions: (invoke, reservations) => limitFunctions(UNHELD, { now: () => 0, reservations }, invoke),
  objects: same,
  items: same,
  parameters: same,
  queues: same,
  putEvents: same,
  taskBus: same,
  delivery: () => 0,
  mayRequest: () => true,
};

/** `now` gives milliseconds of the clock that executions have. */
export function openQuotas(set: QuotaSet | undefined, now: () => number): Quotas {
  if (set === undefined) return NONE;
  const { rates } = set;
  const of = (name: string) => rates[name] && openBucket(rates[name], now);
  const [transitions, puts] = [of('states.transitions'), of('events.PutEvents')];
  const [invocations, requests] = [of('events.invocations'), of('http.requests')];
  return {
    machines: (actions) => limitMachines(actions, set, now),
    starting: limitStarts(set, now),
    pace: transitions && (() => transitions.reserve()),
    concurrency: set.concurrency,
    functions: (invoke, reservations) => limitFunctions(set, { now, reservations }, invoke),
    objects: (objects) => limitObjects(objects, set, now),
    items: (items) => limitItems(items, rates, now),
    parameters: (actions) => limitParameters(actions, rates, now),
    queues: (actions) => limitQueues(actions, rates, now),
    putEvents: (actions) => limitPutEvents(actions, puts),
    taskBus: ({ put }) => ({
      put: async (entries) => {
        if (puts?.take(1) === false) throw throttled();
        return put(entries);
      },
    }),
    delivery: () => invocations?.reserve() ?? 0,
    mayRequest: () => requests?.take(1) !== false,
  };
}
