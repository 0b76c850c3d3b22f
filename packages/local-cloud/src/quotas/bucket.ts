/** So many at once, and so many a second after that. */
export interface Rate {
  readonly bucket: number;
  readonly per_second: number;
}

/** Tokens that are taken at once and come back with time. */
export interface Bucket {
  /** Takes so many; false, and none are taken, where there are fewer. */
  take(count: number): boolean;
  /** Takes one in any case: the milliseconds until it is there. */
  reserve(): number;
}

/** A bucket that is full now. `now` gives milliseconds since any moment. */
export function openBucket({ bucket, per_second }: Rate, now: () => number): Bucket {
  let [tokens, at] = [bucket, now()];
  const refill = (): void => {
    tokens = Math.min(bucket, tokens + ((now() - at) / 1000) * per_second);
    at = now();
  };
  return {
    take(count) {
      refill();
      // what is larger than the whole bucket goes when it is full
      const isThere = tokens >= Math.min(count, bucket);
      if (isThere) tokens -= count;
      return isThere;
    },
    reserve() {
      refill();
      tokens -= 1;
      return tokens >= 0 ? 0 : Math.ceil((-tokens / per_second) * 1000);
    },
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
