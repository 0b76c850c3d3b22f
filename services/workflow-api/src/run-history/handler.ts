import { StatebagError } from '@statebag/contracts';
import { API_LIMITS } from '@statebag/contracts/limits';
import type { HistoryPage } from '@statebag/contracts/schemas/api';
import { type ApiAction, serve } from '../http/api-handler.ts';
import { type Api, openApi } from '../open-api.ts';
import { lastBag, sessionFor } from '../run/last-bag.ts';
import { ownedRun } from '../run/owned-run.ts';

export const handler = serve(openApi(process.env), runHistory);

/** The history entries of a run, oldest first, archived ones too. */
function runHistory(api: Api): ApiAction<undefined> {
  return {
    body: null,
    limit: { default: API_LIMITS.listMost, most: API_LIMITS.historyMost },
    async run(request) {
      const from = startOf(request.query.next);
      const record = await ownedRun(api, request);
      const bag = await lastBag(api, record);
      const entries = bag ? await sessionFor(api, record).hydrator.history(bag.state_history) : [];
      const to = from + request.query.limit;
      const body: HistoryPage = {
        entries: entries.slice(from, to),
        next: to < entries.length ? String(to) : null,
      };
      return { status: 200, body };
    },
  };
}

/** Entries are only ever added at the end, so their number says where a page begins. */
function startOf(next = '0'): number {
  if (/^\d{1,9}$/.test(next)) return Number(next);
  throw new StatebagError(
    'Contract.EventRejected',
    `next ${JSON.stringify(next)} is not what an earlier answer gave`,
  );
}
