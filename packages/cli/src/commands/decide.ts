import type { DecisionBody, DecisionReply, Json } from '@statebag/contracts';
import { callApi } from '../cloud/call-api.ts';
import { openApp, requireDataDir } from '../cloud/open-app.ts';
import { EXIT } from '../exit.ts';
import { loadJson } from '../run/load-files.ts';

export interface DecideOptions {
  readonly node?: string;
  readonly approval?: string;
  readonly choice?: string;
  readonly comment?: string;
  readonly data?: string;
  readonly json?: boolean;
  readonly dataDir: string;
}

/** `statebag approve` and `reject`: a person's decision, through the deployed API. */
export async function decide(verdict: 'approve' | 'reject', run: string, options: DecideOptions): Promise<number> {
  requireDataDir(options.dataDir);
  const body = await bodyOf(options);
  const app = await openApp(options);
  try {
    const reply = await callApi<DecisionReply>(app, `POST /runs/${encodeURIComponent(run)}/${verdict}`, body);
    process.stdout.write(options.json === true ? `${JSON.stringify(reply)}\n` : replyText(run, reply, app.attached));
    return EXIT.succeeded;
  } finally {
    await app.close();
  }
}

async function bodyOf({ node, approval, choice, comment, data }: DecideOptions): Promise<object> {
  const given = { node_id: node, approval_id: approval, choice, comment } as Partial<DecisionBody>; // the API checks their grammar
  return { ...given, ...(data !== undefined && { data: (await loadJson(data)) as Json }) };
}

function replyText(run: string, { repeated, outcome, approval }: DecisionReply, attached: boolean): string {
  const { node_id, decision } = approval;
  const told = outcome === 'delivered' ? 'the run was told' : 'the run will be told as soon as it can be';
  const next = attached ? '' : `go on with: statebag resume ${run}\n`;
  return `${node_id}: ${decision?.choice} by ${decision?.by} at ${decision?.decided_at}${repeated ? ' (recorded before)' : ''}; ${told}\n${next}`;
}
