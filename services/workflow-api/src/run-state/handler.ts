import type { StateView } from '@statebag/contracts/schemas/api';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { byteSizeOf } from '@statebag/state-core';
import { keptStateOf } from '@statebag/state-core/legacy';
import { type ApiAction, serve } from '../http/api-handler.ts';
import { type Api, openApi } from '../open-api.ts';
import { lastBag, sessionFor } from '../run/last-bag.ts';
import { ownedRun } from '../run/owned-run.ts';
import { bagAt } from './bag-at.ts';
import { shownFields } from './shown-fields.ts';

export const handler = serve(openApi(process.env), runState);

/** The state of a run after one of its results, or as it is now. */
function runState(api: Api): ApiAction<undefined> {
  return {
    body: null,
    async run(request) {
      const run = await ownedRun(api, request);
      const { at, field } = request.query.texts;
      const bag = at === undefined ? await lastBag(api, run) : await bagAt(api, run, at);
      if (bag === undefined) return { status: 200, body: NO_STATE };
      const { hydrator } = sessionFor(api, run);
      const standing = await hydrator.standing(keptStateOf(bag));
      const body = { ...viewOf(bag), at: at ?? null, fields: await shownFields(hydrator, standing, field) };
      return { status: 200, body };
    },
  };
}

const NO_STATE: StateView = {
  at: null,
  segment_id: null,
  bag_bytes: 0,
  fields: [],
  usage: null,
  failed_segments: [],
};

function viewOf(bag: StateBag): Omit<StateView, 'at' | 'fields'> {
  const { segment_id, usage, failed_segments = [] } = bag;
  return { segment_id, usage, failed_segments, bag_bytes: byteSizeOf(bag) };
}
