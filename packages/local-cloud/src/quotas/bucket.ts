/** So many at once, and so many a second after that. */
export interface Rate {
  readonly bucket: number;
  readonly per_second: number;
  /** Both grow to twice what the busiest second of half an hour has taken, up to so many a second. */
  readonly doubles_to?: number;
}

/** Tokens that are taken at once and come back with time. */
export interface Bucket {
  /** Whether there is one. */
  has(): boolean;
  /** Takes so many; false, and none are taken, where there are fewer. */
  take(count: number): boolean;
  /** Takes so many in any case, of later ones where there are fewer. */
  pay(count: number): void;
  /** Takes one in any case: the milliseconds until it is there. */
  reserve(): number;
}

/** A bucket that is full now. `now` gives milliseconds since any moment. */
export function openBucket(rate: Rate, now: () => number): Bucket {
  const sizeAt = growth(rate, now);
  let [size, tokens, at] = [rate, rate.bucket, now()];
  const refill = (): void => {
    const time = now();
    size = sizeAt();
    tokens = Math.min(size.bucket, tokens + ((time - at) / 1000) * size.per_second);
    at = time;
  };
  const pay = (count: number): void => {
    refill();
    tokens -= count;
    sizeAt(count);
  };
  return {
    pay,
    has: () => {
      refill();
      return tokens >= 1;
    },
    take: (count) => {
      refill();
      // what is larger than the whole bucket goes when it is full
      if (tokens < Math.min(count, size.bucket)) return false;
      pay(count);
      return true;
    },
    reserve: () => {
      pay(1);
      return tokens >= 0 ? 0 : Math.ceil((-tokens / size.per_second) * 1000);
    },
  };
}

const SECOND_MS = 1_000;
/** A table takes twice its earlier peak once that has lasted so long. */
const WINDOW_MS = 1_800_000;

/** The size of a bucket after what was taken of it, by seconds and half hours. */
function growth(rate: Rate, now: () => number): (taken?: number) => Rate {
  const { doubles_to: most } = rate;
  if (most === undefined) return () => rate;
  let size = rate;
  let [second, inSecond, peak, windowEnds] = [0, 0, 0, now() + WINDOW_MS];
  return (taken = 0) => {
    const time = now();
    if (Math.floor(time / SECOND_MS) !== second) {
      peak = Math.max(peak, inSecond);
      [second, inSecond] = [Math.floor(time / SECOND_MS), 0];
    }
    inSecond += taken;
    if (time < windowEnds) return size;
    const grown = Math.min(most, Math.max(size.per_second, 2 * peak));
    size = { bucket: grown, per_second: grown };
    [peak, windowEnds] = [0, time + WINDOW_MS];
    return size;
  };
}

/** Buckets by name, each made when it is first asked for. */
export function bucketsBy(rate: Rate | undefined, now: () => number): (name: string) => Bucket | undefined {
  const made = new Map<string, Bucket>();
  return (name) => {
    if (rate === undefined) return undefined;
    const bucket = made.get(name) ?? openBucket(rate, now);
    made.set(name, bucket);
    return bucket;
  };
}
