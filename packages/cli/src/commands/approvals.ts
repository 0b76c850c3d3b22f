import type { ApprovalList } from '@statebag/contracts';
import { callApi } from '../cloud/call-api.ts';
import { openApp, requireDataDir } from '../cloud/open-app.ts';
import { EXIT } from '../exit.ts';
import { approvalsText } from '../render/approvals-text.ts';

/** `statebag approvals`: what a run asks and asked, who decided what, and when. */
export async function approvals(run: string, { json = false, dataDir }: { json?: boolean; dataDir: string }): Promise<number> {
  requireDataDir(dataDir);
  const app = await openApp({ dataDir });
  try {
    const list = await callApi<ApprovalList>(app, `GET /runs/${encodeURIComponent(run)}/approvals`);
    process.stdout.write(json ? `${JSON.stringify(list, null, 2)}\n` : approvalsText(list.approvals));
    return EXIT.succeeded;
  } finally {
    await app.close();
  }
}
