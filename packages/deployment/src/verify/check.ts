import type { Target } from './target.ts';

/** One look at a deployment. */
export interface Check {
  readonly name: string;
  /** What was seen, in a few words. @throws saying what is wrong */
  look(target: Target): Promise<string>;
}

/** What came of a look. */
export interface Looked {
  readonly name: string;
  readonly holds: boolean;
  readonly seen: string;
}

export async function look({ name, look: run }: Check, target: Target): Promise<Looked> {
  try {
    return { name, holds: true, seen: await run(target) };
  } catch (error) {
    return {
      name,
      holds: false,
      seen: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    };
  }
}

/** Every check, one after the other, so that a line can be read when it is due. */
export async function lookAtAll(
  checks: readonly Check[],
  { target, onLooked }: { readonly target: Target; onLooked(looked: Looked): void },
): Promise<readonly Looked[]> {
  const all: Looked[] = [];
  for (const check of checks) {
    const looked = await look(check, target);
    onLooked(looked);
    all.push(looked);
  }
  return all;
}
