import { ApiError, type Objects } from '@statebag/states';
import type { RestService } from '../gateway/request.ts';
import { bucketsBy } from './bucket.ts';
import type { QuotaSet } from './quota-set.ts';

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * Holds each bucket to the rates of one prefix: S3 divides it as the load grows, which takes longer than
 * anybody waits here. What Step Functions itself reads and writes takes from the rate and is never refused.
 */
export function limitObjects<Door extends Objects & { readonly serve: RestService }>(
  door: Door,
  { rates }: QuotaSet,
  now: () => number,
): Door {
  const [reads, writes] = [bucketsBy(rates['s3.reads'], now), bucketsBy(rates['s3.writes'], now)];
  const serve: RestService = async (request) => {
    const [, name = ''] = request.path.split('/');
    const bucket = (READS.has(request.method) ? reads : writes)(name);
    if (bucket?.take(1) === false)
      throw new ApiError('SlowDown', 'Please reduce your request rate.', { status: 503 });
    return door.serve(request);
  };
  return {
    ...door,
    serve,
    get: (bucket, key) => {
      reads(bucket)?.pay(1);
      return door.get(bucket, key);
    },
    put: (bucket, key, body, contentType) => {
      writes(bucket)?.pay(1);
      return door.put(bucket, key, body, contentType);
    },
    list: (bucket, prefix) => {
      reads(bucket)?.pay(1);
      return door.list(bucket, prefix);
    },
  };
}
