/** Keys that requests are signed with. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Where requests go, and for whom. */
export interface Place {
  /** Asked for with the first request: a function that is only loaded needs none. @throws Error where there is none */
  readonly region: () => string;
  /** @throws Error where there are none */
  readonly keys: () => Keys;
  /** Of a cloud that is not AWS itself. */
  readonly endpoint?: string | undefined;
  /** The trace of the invocation that is under way, by which Lambda recognises loops. */
  readonly trace: () => string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * As Lambda says it: region and keys stand in the environment as long as the process lives, the trace changes
 * with each invocation.
 */
export function placeOf(environment: Environment): Place {
  return {
    region: () => required(environment, 'AWS_REGION'),
    keys: () => {
      const sessionToken = environment['AWS_SESSION_TOKEN'];
      return {
        accessKeyId: required(environment, 'AWS_ACCESS_KEY_ID'),
        secretAccessKey: required(environment, 'AWS_SECRET_ACCESS_KEY'),
        ...(sessionToken && { sessionToken }),
      };
    },
    endpoint: environment['AWS_ENDPOINT_URL'] || undefined,
    trace: () => environment['_X_AMZN_TRACE_ID'] || undefined,
  };
}

function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (value) return value;
  const error = new Error(`a request to AWS needs the environment variable ${name}`);
  throw Object.assign(error, { name: 'CredentialsProviderError' }); // as the SDK calls it
}
