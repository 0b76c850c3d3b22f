import type { RunView } from '@statebag/contracts';
import { callApi } from '../cloud/call-api.ts';
import { openApp, requireDataDir } from '../cloud/open-app.ts';
import { EXIT } from '../exit.ts';

/** `statebag cancel`: ends a run with all its children. */
export async function cancel(run: string, { json = false, dataDir }: { json?: boolean; dataDir: string }): Promise<number> {
  requireDataDir(dataDir);
  const app = await openApp({ dataDir });
  try {
    const view = await callApi<RunView>(app, `POST /runs/${encodeURIComponent(run)}/cancel`);
    process.stdout.write(json ? `${JSON.stringify(view)}\n` : `${run} is cancelled\n`);
    return EXIT.succeeded;
  } finally {
    await app.close();
  }
}
