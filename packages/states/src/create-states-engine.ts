import { activityActions } from './actions/activities.ts';
import { executionActions, redriveActions } from './actions/executions.ts';
import { historyActions } from './actions/history.ts';
import { machineActions } from './actions/machines.ts';
import { mapRunActions } from './actions/map-runs.ts';
import { executionOf } from './actions/request.ts';
import { tagActions } from './actions/tags.ts';
import { testActions } from './actions/test-state.ts';
import { tokenActions } from './actions/tokens.ts';
import { aliasActions, versionActions } from './actions/versions.ts';
import { Engine } from './engine/engine.ts';
import type { JsonActions } from './ports/services.ts';
import type { EngineDeps } from './program/task-target.ts';
import { waitingTask } from './run/task-token.ts';
import { removeExecutions } from './store/remove-executions.ts';

/** Step Functions on one machine. */
export interface StatesEngine {
  /** The actions of the JSON protocol with the target prefix `AWSStepFunctions`. */
  readonly actions: JsonActions;
  /**
   * Resolves when an execution has ended and that is durable, or so many milliseconds have passed: for
   * whoever would ask again and again. @throws as DescribeExecution does
   */
  whileRunning(executionArn: string, millis: number): Promise<void>;
  /**
   * Takes up everything that was running when the process ended. Call it once the services of the tasks can
   * be called.
   */
  start(): void;
  /**
   * Removes executions that have ended, with all they started and what only they kept, and gives those that
   * are
   * gone. For an engine that was not started: a living run may name what nothing written names yet.
   */
  remove(executionArns: readonly string[]): Promise<readonly string[]>;
  /** A text by the name that a `KeptText` had. */
  textOf(name: string): string;
  /** The machine whose task waits for an answer to a token. Undefined: none does. */
  machineOf(taskToken: string): string | undefined;
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
      ...testActions(engine),
    }),
    whileRunning: async (executionArn, millis) =>
      engine.whileRunning(executionOf(engine, executionArn), millis),
    start: () => engine.start(),
    async remove(executionArns) {
      const removed = engine.write(() =>
        removeExecutions(deps.journal, executionArns, deps.namedTexts?.() ?? []),
      );
      await deps.journal.flush();
      deps.journal.db.exec('VACUUM'); // gives the room back to the disk
      return removed;
    },
    textOf: (name) => engine.executions.payloads.decode(name).text,
    machineOf: (taskToken) => waitingTask(engine, taskToken)?.frame.run.record.machineArn,
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
