import type { CallPage } from '@statebag/contracts/schemas/api';
import type { Usage } from '@statebag/contracts/schemas/history';
import { addUsage, NO_USAGE } from '@statebag/state-core/core/usage';
import { callApi } from '../cloud/call-api.ts';
import type { OpenApp } from '../cloud/open-app.ts';

/** Calls that runs made themselves and that were answered, as their ledgers have them. */
export interface OwnCalls {
  readonly usage: Usage;
  /** The same by the nodes that made them. */
  readonly byNode: ReadonlyMap<string, Usage>;
}

export async function ownCallsOf(app: Pick<OpenApp, 'lambda'>, runs: readonly string[]): Promise<OwnCalls> {
  const byNode = new Map<string, Usage>();
  for (const run of runs)
    for await (const { status, node_id, usage } of callsOf(app, run))
      if (status === 'ANSWERED')
        byNode.set(node_id, addUsage(byNode.get(node_id) ?? NO_USAGE, usage ?? NO_USAGE));
  return { usage: [...byNode.values()].reduce(addUsage, NO_USAGE), byNode };
}

async function* callsOf(
  app: Pick<OpenApp, 'lambda'>,
  run: string,
): AsyncGenerator<CallPage['calls'][number]> {
  let next: string | null = null;
  do {
    const query: string = next === null ? '' : `?next=${encodeURIComponent(next)}`;
    const page: CallPage = await callApi(app, `GET /runs/${encodeURIComponent(run)}/calls${query}`);
    yield* page.calls;
    next = page.next;
  } while (next !== null);
}
