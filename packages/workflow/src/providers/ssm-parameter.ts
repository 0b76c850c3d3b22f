import { StatebagError } from '@statebag/contracts';

/**
 * A decrypted SSM parameter. The client is loaded with the first call: most invocations need none. @throws
 * `Llm.Unconfigured` where there is no such parameter
 */
export async function readSsmParameter(name: string): Promise<string> {
  const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  const { Parameter } = await new SSMClient({})
    .send(new GetParameterCommand({ Name: name, WithDecryption: true }))
    .catch((error: unknown) => {
      throw readFailure(name, error);
    });
  if (Parameter?.Value) return Parameter.Value;
  throw new StatebagError('Llm.Unconfigured', `the SSM parameter ${name} has no value`);
}

/** Answers of the service that no later try will mend. */
const FINAL: ReadonlySet<string> = new Set([
  'ParameterNotFound',
  'ParameterVersionNotFound',
  'AccessDeniedException',
  'InvalidKeyId',
  'ValidationException',
]);

function readFailure(name: string, error: unknown): StatebagError {
  const code = error instanceof Error && FINAL.has(error.name) ? 'Llm.Unconfigured' : 'Llm.Unavailable';
  return new StatebagError(
    code,
    `the SSM parameter ${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    { cause: error },
  );
}
