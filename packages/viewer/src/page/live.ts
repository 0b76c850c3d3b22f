import { useEffect, useState } from 'preact/hooks';
import type { Change } from '../wire.ts';
import { request } from './ask.ts';

/** How the connection stands: when it was lost, and when it is tried again. */
export interface Connection {
  readonly lostAt: number | null;
  readonly retryAt: number | null;
}

let connection: Connection = { lostAt: null, retryAt: null };
const watchers = new Set<(connection: Connection) => void>();
let tryNow: () => void = () => {};

function setConnection(next: Connection): void {
  connection = next;
  for (const watcher of watchers) watcher(next);
}

export function useConnection(): Connection & { readonly tryNow: () => void } {
  const [seen, setSeen] = useState(connection);
  useEffect(() => {
    watchers.add(setSeen);
    return () => {
      watchers.delete(setSeen);
    };
  }, []);
  return { ...seen, tryNow: () => tryNow() };
}

const LONGEST_PAUSE_MS = 8_000;

interface Followed {
  version: string;
  readonly told: Set<(version: string) => void>;
  readonly gone: AbortController;
}

/** One connection for each question, however many parts of the page ask it. */
const followed = new Map<string, Followed>();

/** The version of what the page shows, as the server tells it; empty until it has. */
export function useLive(query: string): string {
  const [version, setVersion] = useState(followed.get(query)?.version ?? '');
  useEffect(() => {
    const shared = followed.get(query) ?? startFollowing(query);
    shared.told.add(setVersion);
    setVersion(shared.version);
    return () => {
      shared.told.delete(setVersion);
      if (shared.told.size > 0) return;
      shared.gone.abort();
      followed.delete(query);
    };
  }, [query]);
  return version;
}

function startFollowing(query: string): Followed {
  const shared: Followed = { version: '', told: new Set(), gone: new AbortController() };
  followed.set(query, shared);
  const tell = (version: string) => {
    shared.version = version;
    for (const each of shared.told) each(version);
  };
  void follow(query, tell, shared.gone.signal);
  return shared;
}

/** Server-sent events by `fetch`, because they have to carry the key. A lost connection is tried again. */
async function follow(query: string, onVersion: (version: string) => void, gone: AbortSignal): Promise<void> {
  let last = '';
  for (let failures = 0; !gone.aborted; failures += 1) {
    try {
      const headers = last === '' ? {} : { 'last-event-id': last };
      const { body } = await request(`/live${query}`, { signal: gone, headers });
      setConnection({ lostAt: null, retryAt: null });
      failures = 0;
      for await (const version of versionsIn(body)) {
        last = version;
        onVersion(version);
      }
    } catch (error) {
      if (gone.aborted) return;
      if (!(error instanceof TypeError)) onVersion(`failed ${Date.now()}`);
    }
    if (gone.aborted) return;
    const pause = Math.min(LONGEST_PAUSE_MS, 500 * 2 ** failures);
    setConnection({ lostAt: connection.lostAt ?? Date.now(), retryAt: Date.now() + pause });
    await new Promise<void>((resolve) => {
      tryNow = resolve;
      setTimeout(resolve, pause);
    });
  }
}

async function* versionsIn(body: ReadableStream<Uint8Array> | null): AsyncGenerator<string> {
  if (body === null) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data === undefined) continue;
      const { version }: Change = JSON.parse(data);
      yield version;
    }
  }
}
