import type { CallPage } from '@statebag/contracts/schemas/api';
import type { Usage } from '@statebag/contracts/schemas/history';
import { addUsage, NO_USAGE } from '@statebag/state-core/core/usage';
import { callApi } from '../cloud/call-api.ts';
import type { OpenApp } from '../cloud/open-app.ts';

/** A call, or an attempt of one, without an answer. */
export interface FailedCall {
  readonly node_id: string;
  readonly name: string;
  readonly message: string;
}

/** Calls that runs made themselves, as their ledgers have them. */
export interface OwnCalls {
  /** Of those that were answered. */
  readonly usage: Usage;
  /** The same by the nodes that made them. */
  readonly byNode: ReadonlyMap<string, Usage>;
  /** Why others were not. */
  readonly failures: readonly FailedCall[];
}

export async function ownCallsOf(app: Pick<OpenApp, 'lambda'>, runs: readonly string[]): Promise<OwnCalls> {
  const byNode = new Map<string, Usage>();
  const failures: FailedCall[] = [];
  for (const run of runs)
    for await (const { status, node_id, usage, error, message } of callsOf(app, run)) {
      if (status === 'ANSWERED')
        byNode.set(node_id, addUsage(byNode.get(node_id) ?? NO_USAGE, usage ?? NO_USAGE));
      else failures.push({ node_id, name: error ?? '', message: message ?? '' });
    }
  return { usage: [...byNode.values()].reduce(addUsage, NO_USAGE), byNode, failures };
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
