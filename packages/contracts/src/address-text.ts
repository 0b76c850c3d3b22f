const LONGEST = 200;

/**
 * An address as errors, logs and causes may show it: origin and path. User info, query and fragment hold
 * keys. Never fails: what is no address is cut at the same places.
 */
export function addressText(address: string): string {
  const url = URL.parse(address);
  const shown = url && url.origin !== 'null' ? `${url.origin}${url.pathname}` : cut(address);
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown;
}

/** An address that cannot be parsed: nothing behind `?` or `#`, nothing before an `@`. */
function cut(text: string): string {
  const [front = ''] = text.split(/[?#]/, 1);
  return front.replace(/^.*@/s, '').replaceAll(/[^\x21-\x7e]/g, '?');
}

/** A text of somebody else with every address in it as errors may show it. */
export function withShortAddresses(text: string): string {
  return text.replaceAll(/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>]+/gi, addressText);
}
