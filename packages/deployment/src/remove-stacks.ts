import { basename } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { type Place, removeOne } from './serverless.ts';
import { inOrder } from './stacks.ts';

/**
 * Removes the stacks of a stage that are there, the last first. Compose cannot do it where one is missing, as after a
 * first deployment that failed: it wants to know what that one would say to the others. Resolves with the exit code of
 * the first that stays, or with 0.
 */
export async function removeStacks(place: Place, told: (said: string) => void): Promise<number> {
  const client = new CloudFormationClient({ region: place.region });
  try {
    for (const folder of inOrder().toReversed()) {
      const stack = `statebag-${basename(folder)}-${place.stage}`;
      if (!(await isThere(client, stack))) told(`${stack} is not there`);
      else {
        told(`${stack} is removed`);
        const code = await removeOne(folder, place);
        if (code !== 0) return code;
      }
    }
    return 0;
  } finally {
    client.destroy();
  }
}

async function isThere(client: CloudFormationClient, StackName: string): Promise<boolean> {
  try {
    await client.send(new DescribeStacksCommand({ StackName }));
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message))
      return false;
    throw error;
  }
}
