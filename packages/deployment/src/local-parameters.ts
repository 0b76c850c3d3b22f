import type { LocalCloudOptions } from '@statebag/local-cloud';

/** Where functions look for what this machine keeps for itself; the last part says what it is. */
export const LOCAL_PREFIX = '/statebag/local/';

/** What is found of a parameter that is not in the journal. */
export type Parameter = ReturnType<NonNullable<LocalCloudOptions['heldParameters']>>;

/** Where the key is of a service that is given by its address alone. */
export const LLM_KEY_VARIABLE = 'STATEBAG_LLM_API_KEY';

/** The settings of the OpenAI-compatible service, where the command line says its address. */
export const PROVIDER_PARAMETER = `${LOCAL_PREFIX}provider/openai-compatible`;

/** Under which parameter a function finds an environment variable of this machine. */
export function parameterOfVariable(variable: string): string {
  return `${LOCAL_PREFIX}env/${variable}`;
}
