import { once } from 'node:events';
import { cellOfOwner } from '../cloud/cell-of-owner.ts';
import { type OpenOptions, openAppToShow } from '../cloud/open-app.ts';
import { listening, portOf } from '../cloud/ports.ts';
import { EXIT } from '../exit.ts';
import { commandLine } from '../render/command-line.ts';
import { localViewer } from '../viewer/local-viewer.ts';
import { serveViewer } from '../viewer/serve-viewer.ts';
import { withStage } from '../viewer/stage-viewer.ts';

export interface UiOptions extends OpenOptions {
  readonly port: string;
  readonly stage?: string;
  readonly region?: string;
  readonly owner?: string;
}

/** `statebag ui`: the viewer over a data directory or a deployed stage, until SIGINT or SIGTERM. */
export async function ui(options: UiOptions): Promise<number> {
  const port = portOf('--port', options.port);
  const { stage, region } = stageOf(options);
  if (stage !== undefined)
    return withStage({ ...options, stage, ...(region !== undefined && { region }) }, async (place) => {
      await serveUntilStopped(() => serveViewer(place, port), { port, what: `stage ${stage}, read-only` });
      return EXIT.succeeded;
    });
  const app = await openAppToShow(options);
  try {
    const place = localViewer(app, options.dataDir);
    const resumes = `; runs that were interrupted stay as they are until ${commandLine(['dev'], options.dataDir)}`;
    const what = `the runs of ${options.dataDir}${app.attached ? '' : resumes}`;
    await serveUntilStopped(() => serveViewer(place, port), { port, what });
    return EXIT.succeeded;
  } finally {
    await app.close();
  }
}

/** The stage that is named, or that of the cell which the owner is in. */
function stageOf(options: UiOptions): Pick<UiOptions, 'stage' | 'region'> {
  const { stage, owner, localConfig } = options;
  if (stage !== undefined || owner === undefined || localConfig?.cells === undefined) return options;
  return cellOfOwner(localConfig.cells, owner);
}

async function serveUntilStopped(
  serve: () => ReturnType<typeof serveViewer>,
  { port, what }: { readonly port: number; readonly what: string },
): Promise<void> {
  const viewer = await listening('--port', port, serve);
  process.stdout.write(`statebag ui shows ${what}\n\n  ${viewer.url}\n\nStop with Ctrl-C.\n`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await viewer.close();
}
