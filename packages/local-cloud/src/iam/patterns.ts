/** What is known of a request, by condition keys that are written small. */
export type RequestContext = Readonly<Record<string, string | readonly string[]>>;

/** Whether a text fits: `*` is any text, `?` any character. */
export function textPattern(pattern: string): (text: string) => boolean {
  const star = pattern.indexOf('*');
  if (!pattern.includes('?')) {
    if (star < 0) return (text) => text === pattern;
    // most patterns end with their only star
    const start = pattern.slice(0, -1);
    if (star === pattern.length - 1) return (text) => text.startsWith(start);
  }
  const expression = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const whole = new RegExp(`^${expression}$`, 's');
  return (text) => whole.test(text);
}

const SEGMENTS = 6;

/** As for texts, but a star ends with the part of the ARN that it is in; the last part holds colons, too. */
export function arnPattern(pattern: string): (arn: string) => boolean {
  if (pattern === '*') return () => true;
  const start = pattern.slice(0, -1);
  // the usual case needs no parts: all but the end is literal
  if (parts(pattern).length === SEGMENTS && !/[*?]/.test(start))
    return pattern.endsWith('*') ? (arn) => arn.startsWith(start) : textPattern(pattern);
  const wanted = parts(pattern).map(textPattern);
  return (arn) => {
    const given = parts(arn);
    return given.length === wanted.length && wanted.every((matches, index) => matches(given[index] ?? ''));
  };
}

function parts(arn: string): readonly string[] {
  const all = arn.split(':');
  return all.length <= SEGMENTS ? all : [...all.slice(0, SEGMENTS - 1), all.slice(SEGMENTS - 1).join(':')];
}

/** Fills in `${aws:…}`. Undefined: something is not known, and then nothing fits. */
export function filled(text: string, context: RequestContext): string | undefined {
  let known = true;
  const whole = text.replaceAll(/\$\{([^}]*)\}/g, (_, name: string) => {
    if (['*', '?', '$'].includes(name)) return name;
    const value = context[name.toLowerCase()];
    if (typeof value !== 'string') known = false;
    return String(value);
  });
  return known ? whole : undefined;
}
