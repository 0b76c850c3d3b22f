/** The name of a secret: the last part of a parameter's name, of a file's, and of a variable's. */
const SECRET_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** Says that a secret lies in Secrets Manager: Parameter Store hands it out under a name of its own. */
const IN_SECRETS_MANAGER = 'secrets-manager/';
const REFERENCE = '/aws/reference/secretsmanager';

/** What `$secret('…')` may name: a secret, with or without the place where it lies. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(nameIn(name));
}

/** The name of a secret without the place where it lies. */
export function nameIn(name: string): string {
  return name.startsWith(IN_SECRETS_MANAGER) ? name.slice(IN_SECRETS_MANAGER.length) : name;
}

/** The parameter of SSM under which a stage reads a secret. */
export function parameterOfSecret(stage: string, name: string): string {
  const parameter = `/statebag/${stage}/secrets/${nameIn(name)}`;
  return name.startsWith(IN_SECRETS_MANAGER) ? `${REFERENCE}${parameter}` : parameter;
}

/** The same parameter, wherever the secret lies. */
export function withoutReference(parameter: string): string {
  return parameter.startsWith(`${REFERENCE}/`) ? parameter.slice(REFERENCE.length) : parameter;
}
