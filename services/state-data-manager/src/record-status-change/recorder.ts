import { placeOf, stepFunctions } from '@statebag/aws-requests';
import { wakerOf } from '@statebag/runs/queue';
import { type Environment, matching } from '@statebag/step-kit';
import { CLIENT_SETTINGS, openRecordDeps, type RecordDeps } from '../open-runs-deps.ts';

/** What events leave out where it is large. */
export interface Executions {
  describeExecution(of: { readonly executionArn: string }): Promise<{
    readonly input?: string | undefined;
    readonly output?: string | undefined;
  }>;
}

/** What the ends of runs are recorded with. */
export interface Recorder extends RecordDeps {
  readonly executions: Executions;
  /** Has the dispatcher look at the runs that wait to begin. */
  readonly wake: () => Promise<void>;
}

/** Once at cold start. @throws `Contract.Misconfigured` naming the variable */
export function openRecorder(environment: Environment): Recorder {
  const executions = stepFunctions(placeOf(environment), CLIENT_SETTINGS);
  const dispatcher = matching(environment, 'START_DISPATCHER', /^[A-Za-z0-9_:-]{1,200}$/);
  return { ...openRecordDeps(environment), executions, wake: wakerOf(dispatcher) };
}
