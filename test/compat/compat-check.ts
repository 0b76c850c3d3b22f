/** What existing callers rely on, by what it is about. */
export const SECTIONS = [
  'actions',
  'shapes',
  'pointers',
  'events',
  'state names',
  'legacy definitions',
] as const;
export type Section = (typeof SECTIONS)[number];

/** One thing that must not change. */
export interface CompatCheck {
  readonly section: Section;
  readonly name: string;
  /** What is wrong; null where it holds. */
  readonly problem: () => Promise<string | null>;
}

/** A check and what came of it. */
export interface CompatResult extends Pick<CompatCheck, 'section' | 'name'> {
  readonly problem: string | null;
}

/** Every check, one after the other. An error that a check does not expect is its problem. */
export async function runChecks(checks: readonly CompatCheck[]): Promise<CompatResult[]> {
  const results: CompatResult[] = [];
  for (const { section, name, problem } of checks)
    results.push({ section, name, problem: await problem().catch(textOf) });
  return results;
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
