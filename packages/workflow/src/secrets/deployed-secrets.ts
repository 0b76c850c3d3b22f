import { StatebagError } from '@statebag/contracts';
import { parameterOfSecret } from '@statebag/contracts/secret-name';
import type { ReadSecret } from './secret-references.ts';

/**
 * The secrets of a stage: SSM parameters (SecureString) under `/statebag/<stage>/secrets/`, and secrets of
 * Secrets Manager under `statebag/<stage>/secrets/`, which SSM hands out too. Read for each call, so a new
 * value needs no deployment; the client is loaded with the first.
 */
export function deployedSecrets(stage: string): ReadSecret {
  return async (name) => {
    const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
    const parameter = parameterOfSecret(stage, name);
    const { Parameter } = await new SSMClient({})
      .send(new GetParameterCommand({ Name: parameter, WithDecryption: true }))
      .catch((error: unknown) => {
        throw readFailure(name, parameter, error);
      });
    if (Parameter?.Value) return Parameter.Value;
    throw new StatebagError(
      'Secret.NotFound',
      `the secret ${name} (SSM parameter ${parameter}) has no value`,
    );
  };
}

/** Answers of the service that no later try will mend. */
const FINAL: ReadonlySet<string> = new Set([
  'ParameterNotFound',
  'AccessDeniedException',
  'InvalidKeyId',
  'ValidationException',
]);

function readFailure(name: string, parameter: string, cause: unknown): StatebagError {
  const { name: code = '', message = '' } = Object(cause) as { name?: string; message?: string }; // whatever was thrown
  return new StatebagError(
    FINAL.has(code) ? 'Secret.NotFound' : 'Secret.Unavailable',
    `the secret ${name} (SSM parameter ${parameter}) cannot be read: ${message || code}`,
    { cause, details: { end: 'not_sent' } },
  );
}
