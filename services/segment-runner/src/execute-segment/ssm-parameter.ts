import { StatebagError } from '@statebag/contracts';

/** A decrypted SSM parameter. The client is loaded with the first call: most invocations need none. @throws `Llm.Unconfigured` */
export async function readSsmParameter(name: string): Promise<string> {
  const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  const { Parameter } = await new SSMClient({}).send(new GetParameterCommand({ Name: name, WithDecryption: true }));
  if (Parameter?.Value) return Parameter.Value;
  throw new StatebagError('Llm.Unconfigured', `the SSM parameter ${name} has no value`);
}
