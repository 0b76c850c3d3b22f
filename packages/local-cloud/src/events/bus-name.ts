/** A bus by name or ARN. */
export function busName(text: string | undefined): string {
  return text === undefined || text === '' ? 'default' : (text.split('/').at(-1) ?? 'default');
}
