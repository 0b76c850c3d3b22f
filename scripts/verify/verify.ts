import { type Looked, look } from './check.ts';
import { definitionChecks } from './definitions.ts';
import { endToEndChecks } from './end-to-end.ts';
import { functionChecks } from './functions.ts';
import type { Target } from './target.ts';

/** Every check, one after the other, so that a line can be read when it is due. */
export async function verify(target: Target, onLooked: (looked: Looked) => void = () => {}): Promise<readonly Looked[]> {
  const all: Looked[] = [];
  for (const check of [...definitionChecks, ...functionChecks, ...endToEndChecks()]) {
    const looked = await look(check, target);
    onLooked(looked);
    all.push(looked);
  }
  return all;
}
