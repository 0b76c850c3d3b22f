import { StatebagError } from '@statebag/contracts';
import { isId } from '@statebag/contracts/ids';
import { type ApiAction, serve } from '../http/api-handler.ts';
import { type Api, openApi } from '../open-api.ts';
import { ownedRun } from '../run/owned-run.ts';
import { callPage } from './call-page.ts';

export const handler = serve(openApi(process.env), runCalls);

/** The outside calls of a run, of all nodes or of one. */
function runCalls(api: Api): ApiAction<undefined> {
  return {
    body: null,
    async run(request) {
      const { next, texts } = request.query;
      const run = await ownedRun(api, request);
      return { status: 200, body: await callPage(api, run, { node: nodeOf(texts['node']), after: next }) };
    },
  };
}

function nodeOf(node: string | undefined): string | undefined {
  if (node === undefined || isId(node)) return node;
  throw new StatebagError('Contract.EventRejected', `node ${JSON.stringify(node)} is not the id of a node`);
}
