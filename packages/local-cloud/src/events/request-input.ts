/** A request's parameters as they came. */
export type Input = Record<string, unknown>;

/** The value of a text, or undefined where it is not JSON: callers refuse that as they refuse any other shape. */
export function parseOr(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** A parameter that is a text. */
export function text(input: Input, name: string): string | undefined {
  const value = input[name];
  return typeof value === 'string' ? value : undefined;
}

/** A parameter that is a list of objects; empty where it is none. */
export function list(input: Input, name: string): Input[] {
  const value = input[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function isObject(value: unknown): value is Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
