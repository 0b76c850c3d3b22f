import { API_LIMITS } from '@statebag/contracts/limits';
import type { RunList } from '@statebag/contracts/schemas/api';
import { runFilterOf } from '@statebag/runs';
import { type ApiAction, serve } from '../http/api-handler.ts';
import { type Api, openApi } from '../open-api.ts';
import { runView } from '../run/run-view.ts';

export const handler = serve(openApi(process.env), listRuns);

/** The caller's runs, newest first. */
function listRuns({ runs }: Api): ApiAction<undefined> {
  return {
    body: null,
    limit: { default: API_LIMITS.listDefault, most: API_LIMITS.listMost },
    async run({ caller, query: { texts, ...page } }) {
      const found = await runs.listRuns(caller.owner_id, { ...page, filter: runFilterOf(texts) });
      const body: RunList = { runs: found.runs.map(runView), next: found.next ?? null };
      return { status: 200, body };
    },
  };
}
