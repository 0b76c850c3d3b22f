import type { Payload } from '../language/payload.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** Which task of which execution waits for this one. */
export interface ParentTask {
  readonly execution: number;
  readonly frame: number;
}

/** What the journal knows of an execution as a whole. Times are epoch milliseconds. */
export interface ExecutionRecord {
  readonly id: number;
  readonly arn: string;
  readonly name: string;
  readonly machineArn: string;
  readonly machineName: string;
  readonly versionArn: string | undefined;
  readonly aliasArn: string | undefined;
  readonly revision: number;
  readonly roleArn: string;
  readonly express: boolean;
  readonly input: Payload;
  readonly startedAt: number;
  /** Empty: the machine's own program. Else the name of the Map state whose processor it runs. */
  readonly program: string;
  readonly parent: ParentTask | undefined;
  /** The map run it is a child of, and its place there. */
  readonly mapRun: number | undefined;
  readonly place: number | undefined;
  status: ExecutionStatus;
  stoppedAt: number | undefined;
  output: Payload | undefined;
  error: string | undefined;
  cause: string | undefined;
  redriveCount: number;
  redrivenAt: number | undefined;
}
