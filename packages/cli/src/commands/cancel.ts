import type { RunView } from '@statebag/contracts/schemas/api';
import { callApi } from '../cloud/call-api.ts';
import { type OpenOptions, openApp, requireDataDir } from '../cloud/open-app.ts';
import { EXIT } from '../exit.ts';

/** `statebag cancel`: stops a run with all its child executions. */
export async function cancel(
  run: string,
  options: OpenOptions & { readonly json?: boolean },
): Promise<number> {
  const { json = false, dataDir } = options;
  requireDataDir(dataDir);
  const app = await openApp(options);
  try {
    const view = await callApi<RunView>(app, `POST /runs/${encodeURIComponent(run)}/cancel`);
    process.stdout.write(json ? `${JSON.stringify(view)}\n` : `${run} is cancelled\n`);
    return EXIT.succeeded;
  } finally {
    await app.close();
  }
}
