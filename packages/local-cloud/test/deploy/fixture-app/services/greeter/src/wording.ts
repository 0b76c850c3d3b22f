export function wording(greeting: string, name: string): string {
  return `${greeting}, ${name}`;
}
