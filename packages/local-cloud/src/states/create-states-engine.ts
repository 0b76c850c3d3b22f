import type { JsonActions } from '../ports.ts';
import { activityActions } from './actions/activities.ts';
import { aliasActions } from './actions/aliases.ts';
import { executionActions } from './actions/executions.ts';
import { historyActions } from './actions/history.ts';
import { machineActions } from './actions/machines.ts';
import { mapRunActions } from './actions/map-runs.ts';
import { redriveActions } from './actions/redrive.ts';
import { tagActions } from './actions/tags.ts';
import { tokenActions } from './actions/tokens.ts';
import { versionActions } from './actions/versions.ts';
import { Engine } from './run/engine.ts';
import type { EngineDeps } from './run/host.ts';

/** Step Functions on one machine. */
export interface StatesEngine {
  /** The actions of the JSON protocol with the target prefix `AWSStepFunctions`. */
  readonly actions: JsonActions;
  /** Takes up everything that was running when the process ended. Call it once the services of the tasks can be called. */
  start(): void;
  /** Writes what is in memory to the journal and stops; everything goes on at the next start. */
  close(): Promise<void>;
}

/** Wires the engine to its journal, its clock and the services that tasks call. */
export function createStatesEngine(deps: EngineDeps): StatesEngine {
  const engine = new Engine(deps);
  return {
    actions: durably(engine, {
      ...machineActions(engine),
      ...versionActions(engine),
      ...aliasActions(engine),
      ...executionActions(engine),
      ...historyActions(engine),
      ...mapRunActions(engine),
      ...redriveActions(engine),
      ...tokenActions(engine),
      ...tagActions(engine),
      ...activityActions(engine),
    }),
    start: () => engine.start(),
    async close() {
      engine.close();
      await deps.journal.flush();
    },
  };
}

/** An answer, also a refusal, tells what is the case; so it waits until that survives a crash. */
function durably(engine: Engine, actions: JsonActions): JsonActions {
  const durable = Object.entries(actions).map(([name, action]) => [
    name,
    async (input: Record<string, unknown>) => {
      try {
        return await action(input);
      } finally {
        await engine.flush();
      }
    },
  ]);
  return Object.fromEntries(durable);
}
