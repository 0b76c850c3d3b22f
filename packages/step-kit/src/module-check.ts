import { isJsonObject, type Json } from '@statebag/contracts';

/** What a probe is answered with: that the code loads and is configured, and which version of it answered. */
export interface ModuleCheck {
  readonly ok: true;
  readonly function: string;
  readonly version: string;
}

/** What a probe needs of Lambda's context object. */
interface Named {
  readonly functionName?: string;
  readonly functionVersion?: string;
}

/** The answer to `{ "module_check": true }`; undefined for every other event. */
export function moduleCheck(event: unknown, context: object): ModuleCheck | undefined {
  const { functionName = 'local', functionVersion = '$LATEST' }: Named = context;
  const isProbe =
    isJsonObject(event as Json) &&
    Object.keys(event as object).length === 1 &&
    (event as { module_check?: unknown }).module_check === true;
  return isProbe ? { ok: true, function: functionName, version: functionVersion } : undefined;
}

interface Arrived {
  readonly event: unknown;
  readonly context: object;
}

/** The same as a Middy middleware: stands before the validator, since a probe is no event of the function. */
export function moduleCheckDoor() {
  return { before: ({ event, context }: Arrived) => moduleCheck(event, context) };
}
