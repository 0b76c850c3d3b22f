import { S3Client } from '@aws-sdk/client-s3';
import { StatebagError } from '@statebag/contracts';
import { isId } from '@statebag/contracts/ids';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
import { type ApiAction, serve } from '../http/api-handler.ts';
import { type Api, openApi } from '../open-api.ts';
import { ownedRun } from '../run/owned-run.ts';
import { callPage, type Reader } from './call-page.ts';

export const handler = serve({ ...openApi(process.env), s3: new S3Client(S3_CLIENT_SETTINGS) }, runCalls);

/** The outside calls of a run, of all nodes or of one. */
function runCalls(api: Api & Reader): ApiAction<undefined> {
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
