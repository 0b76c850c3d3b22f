import { API_LIMITS, type RunList } from '@statebag/contracts';
import type { ApiAction } from '../http/api-handler.ts';
import type { Api } from '../open-api.ts';
import { runView } from '../run/run-view.ts';

/** The caller's runs, newest first. */
export function listRuns({ runs }: Api): ApiAction<undefined> {
  return {
    body: null,
    limit: { default: API_LIMITS.listDefault, most: API_LIMITS.listMost },
    async run({ caller, query }) {
      const page = await runs.listRuns(caller.owner_id, query);
      const body: RunList = { runs: page.runs.map(runView), next: page.next ?? null };
      return { status: 200, body };
    },
  };
}
