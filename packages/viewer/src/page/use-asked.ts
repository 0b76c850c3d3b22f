import { useEffect, useState } from 'preact/hooks';

export interface Asked<Value> {
  readonly value: Value | undefined;
  readonly error: unknown;
  /** Nothing came for a moment: time to show that something is coming. */
  readonly slow: boolean;
  readonly again: () => void;
}

const SLOW_MS = 200;

interface Held<Value> {
  readonly name: string;
  readonly value?: Value;
  readonly error?: unknown;
}

/**
 * What `read` gives, read again when the name or the version of what is asked for changes. Of the same name
 * the older value stays until the newer one is there, so nothing flickers. Nothing is read as long as it has
 * no name: what follows changes waits for the first version, so that it neither reads twice nor misses one in
 * between.
 */
export function useAsked<Value>(
  name: string | null,
  read: () => Promise<Value>,
  version: string = '',
): Asked<Value> {
  const [held, setHeld] = useState<Held<Value>>({ name: '' });
  const [slow, setSlow] = useState(false);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let current = true;
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    if (name === null) return () => clearTimeout(timer);
    const settle = (next: Held<Value>) => {
      clearTimeout(timer);
      if (!current) return;
      setSlow(false);
      setHeld(next);
    };
    read().then(
      (value) => settle({ name, value }),
      (error: unknown) => settle({ name, error }),
    );
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [name, version, tries]);
  const mine = held.name === name ? held : undefined;
  return { value: mine?.value, error: mine?.error, slow, again: () => setTries(tries + 1) };
}
