import type { RunDetail } from '@statebag/contracts/schemas/api';
import { type ApiAction, serve } from '../http/api-handler.ts';
import { type Api, openApi } from '../open-api.ts';
import { ownedRun } from '../run/owned-run.ts';
import { runView } from '../run/run-view.ts';
import { readOutput } from './read-output.ts';

export const handler = serve(openApi(process.env), getRun);

/** A run: status, times, error, and its output once it has succeeded. */
function getRun(api: Api): ApiAction<undefined> {
  return {
    body: null,
    async run(request) {
      const record = await ownedRun(api, request);
      const output =
        record.status === 'SUCCEEDED' ? await readOutput(api, record) : { output: null, output_pointers: [] };
      const body: RunDetail = { ...runView(record), ...output };
      return { status: 200, body };
    },
  };
}
