import { ApiError, type JsonActions } from '@statebag/states';
import type { RestService } from '../gateway/request.ts';
import { bucketsBy, openBucket } from './bucket.ts';
import { type ItemsDoor, limitItems } from './items.ts';
import type { QuotaSet } from './quota-set.ts';

/** Holds services to the rates of an account. Without a set of quotas each is given back as it is. */
export interface Quotas {
  /** Step Functions' actions. */
  actions(actions: JsonActions): JsonActions;
  /** Milliseconds that a frame waits before it enters a state; undefined: none ever does. */
  readonly pace: (() => number) | undefined;
  functions<Call, Result>(invoke: (call: Call) => Promise<Result>): (call: Call) => Promise<Result>;
  s3(serve: RestService): RestService;
  items<Door extends ItemsDoor>(items: Door): Door;
}

const same = <Value>(value: Value): Value => value;
const NONE: Quotas = { actions: same, pace: undefined, functions: same, s3: same, items: same };

/** `now` gives milliseconds of the clock that executions have. */
export function openQuotas(set: QuotaSet | undefined, now: () => number): Quotas {
  if (set === undefined) return NONE;
  const { rates, concurrency } = set;
  const transitions = rates['states.transitions'] && openBucket(rates['states.transitions'], now);
  return {
    actions: (actions) => limitActions(actions, set, now),
    pace: transitions && (() => transitions.reserve()),
    functions: (invoke) => limitConcurrency(concurrency, invoke),
    s3: (serve) => limitObjects(serve, set, now),
    items: (items) => limitItems(items, rates, now),
  };
}

function limitActions(actions: JsonActions, { rates }: QuotaSet, now: () => number): JsonActions {
  const limited = Object.entries(actions).map(([name, action]) => {
    const rate = rates[`states.${name}`];
    if (rate === undefined) return [name, action];
    const bucket = openBucket(rate, now);
    const act = async (input: Record<string, unknown>) => {
      if (!bucket.take(1)) throw new ApiError('ThrottlingException', 'Rate exceeded');
      return action(input);
    };
    return [name, act];
  });
  return Object.fromEntries(limited);
}

/** What is one too many is refused: whoever calls it tries again. */
function limitConcurrency<Call, Result>(
  limit: number,
  invoke: (call: Call) => Promise<Result>,
): (call: Call) => Promise<Result> {
  let atWork = 0;
  return async (call) => {
    if (atWork >= limit)
      throw new ApiError('TooManyRequestsException', 'Rate Exceeded.', {
        status: 429,
        fields: { Reason: 'ConcurrentInvocationLimitExceeded', Type: 'User' },
      });
    atWork += 1;
    try {
      return await invoke(call);
    } finally {
      atWork -= 1;
    }
  };
}

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** A bucket is one prefix to S3 until load has divided it, which takes longer than anybody waits here. */
function limitObjects(serve: RestService, { rates }: QuotaSet, now: () => number): RestService {
  const [reads, writes] = [bucketsBy(rates['s3.reads'], now), bucketsBy(rates['s3.writes'], now)];
  return async (request) => {
    const [, name = ''] = request.path.split('/');
    const bucket = (READS.has(request.method) ? reads : writes)(name);
    if (bucket?.take(1) === false)
      throw new ApiError('SlowDown', 'Please reduce your request rate.', { status: 503 });
    return serve(request);
  };
}
