import type { ExecutionRecord } from '../program/execution.ts';
import type { Host, Run } from '../program/program.ts';
import type { LiveRuns } from '../run/task-token.ts';
import type { ExecutionStore, StoredRun } from '../store/execution-store.ts';
import type { MachineStore, RevisionStore, VersionStore } from '../store/machine-store.ts';
import type { MapRunStore } from '../store/map-run-store.ts';

/** What the parts of the engine ask of the whole. */
export interface EngineCore extends Host, LiveRuns {
  readonly machines: MachineStore;
  readonly revisions: RevisionStore;
  readonly versions: VersionStore;
  readonly executions: ExecutionStore;
  readonly mapRunStore: MapRunStore;
  findByArn(arn: string): ExecutionRecord | undefined;
  /** Throws an `ApiError` where the account may not start an execution now. */
  admit(start: { readonly express: boolean; readonly sync: boolean }): void;
  /** Starts a run for a new record. */
  begin(record: ExecutionRecord): ExecutionRecord;
  /** Has a run in memory again that the journal knows; its frames are taken up apart. */
  resume(stored: StoredRun): Run;
  /** Tells the bus of the status that a run has come to. */
  announce(run: Run): void;
  /** Brings the journal's open group up to date with the runs in memory. */
  persist(): void;
  /** Writes to the journal in one step; gives what the statements give. */
  write<T>(statements: () => T): T;
}
