import { Buffer } from 'node:buffer';
import type { Json } from '../language/json.ts';
import type { Clock } from '../ports/clock.ts';
import type { Objects } from '../ports/services.ts';
import { isExceeded, type MapInspection, type MapInspector } from '../program/map-run.ts';
import type { Frame, Outcome } from '../program/program.ts';
import { settle } from '../run/advance.ts';
import { toleranceExceeded } from './map-run.ts';

/** How a Map is tested: what its reader would read, and how many iterations have failed. */
export interface TestedMap {
  readonly readerData: string | undefined;
  readonly failures: number | undefined;
}

/** Enters a Map whose work is mocked: looks at its items, and ends it with the mock. */
export function enterTestedMap(
  frame: Frame,
  inspector: MapInspector,
  {
    given: { readerData, failures = 0 },
    seen,
    mock,
  }: { given: TestedMap; seen: (inspection: MapInspection) => void; mock: () => Json },
): Outcome {
  const finish = (read: readonly Json[] | undefined): Outcome => {
    const inspection = inspector.inspect(frame, read);
    seen(inspection);
    const result = mock();
    const { tolerance, items } = inspection;
    if (tolerance && isExceeded(tolerance, { failed: failures, total: items.length }))
      throw toleranceExceeded();
    return frame.conclude(result);
  };
  if (!inspector.read) return finish(undefined);
  // Without data nothing is known of the items.
  if (readerData === undefined) return frame.conclude(mock());
  const { clock } = frame.run.host;
  inspector
    .read(frame)({ objects: objectsOf(readerData, clock), clock })
    .then(
      (items) => settle(frame, () => finish(items)),
      (error: unknown) =>
        settle(frame, () => {
          throw error;
        }),
    );
  return 'blocked';
}

/** One text, wherever a reader looks for it. */
function objectsOf(text: string, clock: Clock): Objects {
  const body = Buffer.from(text);
  return {
    get: async () => ({ body, etag: '', lastModified: clock.now() }),
    put: async () => undefined,
    async *list() {
      yield { key: 'data', etag: '', size: body.length, lastModified: clock.now() };
    },
  };
}
