import type { JsonObject } from '@statebag/contracts';
import type { RunDefinition } from '@statebag/contracts/schemas/api';
import { loadManifest, loadWorkflow } from '@statebag/state-core/store/load-definition';
import { type ApiAction, serve } from '../http/api-handler.ts';
import { type Api, openApi } from '../open-api.ts';
import { sessionFor } from '../run/last-bag.ts';
import { ownedRun } from '../run/owned-run.ts';

export const handler = serve(openApi(process.env), runDefinition);

/** The workflow that a run follows, and its segments. */
function runDefinition(api: Api): ApiAction<undefined> {
  return {
    body: null,
    async run(request) {
      const run = await ownedRun(api, request);
      const { owner_id, definition_id } = run;
      const definition = { bucket: api.bucket, owner_id, definition_id };
      const session = sessionFor(api, run);
      const body: RunDefinition = {
        // publishDefinition wrote it
        workflow: (await loadWorkflow(definition, session)) as JsonObject,
        manifest: await loadManifest(definition, session),
      };
      return { status: 200, body };
    },
  };
}
