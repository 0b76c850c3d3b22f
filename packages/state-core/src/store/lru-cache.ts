/** Bounds of a cache. */
export interface CacheLimits {
  readonly items: number;
  readonly ttlMs: number;
  /** Of all items together. */
  readonly bytes: number;
  /** A larger item is not kept. */
  readonly itemBytes: number;
}

interface Kept<Value> {
  readonly value: Value;
  readonly bytes: number;
  readonly expires: number;
}

/**
 * A bounded cache that forgets what was used longest ago, and everything after its time. Values are shared,
 * so they must be immutable.
 */
export class LruCache<Value> {
  readonly #kept = new Map<string, Kept<Value>>();
  readonly #limits: CacheLimits;
  readonly #now: () => number;
  #bytes = 0;

  constructor(limits: CacheLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  get(key: string): Value | undefined {
    const found = this.#kept.get(key);
    if (!found) return undefined;
    this.#drop(key, found);
    if (found.expires <= this.#now()) return undefined;
    this.#keep(key, found);
    return found.value;
  }

  set(key: string, value: Value, bytes: number): void {
    const old = this.#kept.get(key);
    if (old) this.#drop(key, old);
    if (bytes > this.#limits.itemBytes) return;
    this.#keep(key, { value, bytes, expires: this.#now() + this.#limits.ttlMs });
    for (const [oldest, item] of this.#kept) {
      if (this.#kept.size <= this.#limits.items && this.#bytes <= this.#limits.bytes) return;
      this.#drop(oldest, item);
    }
  }

  #keep(key: string, item: Kept<Value>): void {
    this.#kept.set(key, item);
    this.#bytes += item.bytes;
  }

  #drop(key: string, item: Kept<Value>): void {
    this.#kept.delete(key);
    this.#bytes -= item.bytes;
  }
}
