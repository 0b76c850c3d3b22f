import {
  DescribeStateMachineAliasCommand,
  type DescribeStateMachineAliasInput,
  type DescribeStateMachineAliasOutput,
  type SFNClient,
  StartExecutionCommand,
  type StartExecutionInput,
} from '@aws-sdk/client-sfn';

/** What starting an execution asks of Step Functions. Failures have the service's names. */
export interface Starts {
  startExecution(input: StartExecutionInput): Promise<unknown>;
  describeStateMachineAlias(
    input: DescribeStateMachineAliasInput,
  ): Promise<Pick<DescribeStateMachineAliasOutput, 'routingConfiguration'>>;
}

/** The same by a client of the SDK. */
export function sdkStarts(client: SFNClient): Starts {
  return {
    startExecution: (input) => client.send(new StartExecutionCommand(input)),
    describeStateMachineAlias: (input) => client.send(new DescribeStateMachineAliasCommand(input)),
  };
}
