import { LOCAL_APP } from '@statebag/deployment/local-app';
import { localClaims } from '../cloud/call-api.ts';
import type { ShownApp } from '../cloud/open-app.ts';
import { DEFAULT_DATA_DIR } from '../render/command-line.ts';
import { type ViewerPlace, viewerKey } from './viewer-place.ts';

/** The viewer of a data directory, whichever process holds its cloud. */
export function localViewer(app: ShownApp, dataDir: string): ViewerPlace {
  return {
    lambda: app.lambda,
    sfn: app.sfn,
    claims: localClaims(),
    key: viewerKey(app.credentials),
    about: () => ({
      place: 'local cloud',
      read_only: false,
      owner: LOCAL_APP.owner,
      held: app.attached,
      command_options: dataDir === DEFAULT_DATA_DIR ? [] : ['--data-dir', dataDir],
    }),
  };
}
