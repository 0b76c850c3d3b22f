import { DescribeStateMachineAliasCommand, type SFNClient } from '@aws-sdk/client-sfn';

/** The published version that new runs of a machine begin on: what most of its alias `live` leads to. A run stays on it with all its children. */
export async function liveVersion(sfn: SFNClient, machineArn: string): Promise<string> {
  const { routingConfiguration = [] } = await sfn.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn: `${machineArn}:live` }));
  const [route] = routingConfiguration.toSorted((one, other) => (other.weight ?? 0) - (one.weight ?? 0));
  if (route?.stateMachineVersionArn === undefined) throw new Error(`${machineArn} has no version that runs begin on`);
  return route.stateMachineVersionArn;
}
