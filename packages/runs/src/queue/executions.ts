import {
  DescribeExecutionCommand,
  type SFNClient,
  StopExecutionCommand,
  type StopExecutionInput,
} from '@aws-sdk/client-sfn';
import { type Starts, sdkStarts } from '../starts.ts';

/** What the dispatcher asks of Step Functions. Failures have the service's names. */
export interface Executions extends Pick<Starts, 'startExecution'> {
  describeExecution(of: { readonly executionArn: string }): Promise<{ readonly status?: string | undefined }>;
  stopExecution(input: StopExecutionInput): Promise<unknown>;
}

/** The same by a client of the SDK. */
export function sdkExecutions(client: SFNClient): Executions {
  return {
    ...sdkStarts(client),
    describeExecution: (input) => client.send(new DescribeExecutionCommand(input)),
    stopExecution: (input) => client.send(new StopExecutionCommand(input)),
  };
}
