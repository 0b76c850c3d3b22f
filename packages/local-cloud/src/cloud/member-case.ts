/** The same value with every member's name beginning with a small letter. */
export function camelCase(value: unknown): unknown {
  return renamed(value, (name) => `${name.charAt(0).toLowerCase()}${name.slice(1)}`);
}

/** The same value as tasks see it: names begin with a capital, times are texts. */
export function pascalCase(value: unknown): unknown {
  return renamed(value, (name) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`, timeText);
}

function timeText(name: string, value: unknown): unknown {
  return name.endsWith('Date') && typeof value === 'number' ? new Date(value * 1000).toISOString() : value;
}

function renamed(
  value: unknown,
  rename: (name: string) => string,
  convert: (name: string, value: unknown) => unknown = (_, each) => each,
): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename, convert));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [
    rename(name),
    convert(name, renamed(member, rename, convert)),
  ]);
  return Object.fromEntries(members);
}
