import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { JsonObject } from '@statebag/contracts';
import type { LocalCloud } from '@statebag/local-cloud';

/** What fills in the definitions of the machines, as their template does it. */
const DEFINITIONS = join(import.meta.dirname, '..', '..', '..', 'stepfunctions', 'asl.cjs');
const PLACE = 'us-east-1:000000000000';
const ROLE = 'arn:aws:iam::000000000000:role/rehearsal';

type Fill = (context: { resolveVariable(variable: string): Promise<string> }) => Promise<JsonObject>;

/** Creates the machines of v3, whose tasks call functions of any names that end with their keys. Gives v3's ARN. */
export async function createMachines({ states }: LocalCloud, bucket: string): Promise<string> {
  const { v3, v3Distributed }: Readonly<Record<'v3' | 'v3Distributed', Fill>> =
    createRequire(DEFINITIONS)(DEFINITIONS);
  const create = async (name: string, definition: JsonObject): Promise<string> => {
    const input = { name, definition: JSON.stringify(definition), roleArn: ROLE, type: 'STANDARD' };
    await states['CreateStateMachine']?.(input);
    return `arn:aws:states:${PLACE}:stateMachine:${name}`;
  };
  const given: Record<string, string> = {
    stateBucket: bucket,
    eventBusName: 'default',
    functionsAtOnce: '',
  };
  const resolveVariable = async (variable: string): Promise<string> => {
    const name = variable.replace('self:custom.', '');
    return given[name] ?? `arn:aws:lambda:${PLACE}:function:rehearsal-${name.replace(/Arn$/, '')}:1`;
  };
  given['v3DistributedMachineArn'] = await create(
    'statebag-v3-distributed-local',
    await v3Distributed({ resolveVariable }),
  );
  return create('statebag-v3-local', await v3({ resolveVariable }));
}
