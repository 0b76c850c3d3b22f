import { setFlagsFromString } from 'node:v8';
import { StatebagError } from '@statebag/contracts';
import { searchDegree } from './regex-safety.ts';

/** Steps that an ordinary search may take at worst: well under a second. */
const MOST_STEPS = 1e9;

/** V8's second engine, which takes time in proportion to the text whatever the pattern, must be asked for; it is only used by name (`l`). */
setFlagsFromString('--enable-experimental-regexp-engine');

/**
 * A pattern whose searches end soon. Over a short text it runs as usual; over one so long that the usual way could take for ever it runs in
 * proportion to the text, or, where that engine does not know the pattern (flag `i`, large counts), not at all.
 */
class BoundedRegExp extends RegExp {
  readonly #longest: number;
  #linear: RegExp | null | undefined;

  constructor(pattern: RegExp) {
    super(pattern);
    this.#longest = MOST_STEPS ** (1 / (searchDegree(pattern.source) + 1));
  }

  override exec(text: string): RegExpExecArray | null {
    if (text.length <= this.#longest) return super.exec(text);
    this.#linear ??= linearOrNull(this);
    if (!this.#linear) throw new StatebagError('Expression.LimitExceeded', `the pattern ${String(this)} is too slow for a text of ${text.length} characters`);
    this.#linear.lastIndex = this.lastIndex;
    const match = this.#linear.exec(text);
    this.lastIndex = this.#linear.lastIndex;
    return match;
  }
}

function linearOrNull({ source, flags }: RegExp): RegExp | null {
  try {
    return new RegExp(source, `${flags}l`);
  } catch {
    return null; // the engine does not know this pattern; the caller says so
  }
}

/** As the library asks for it: it only ever constructs. */
export const boundedRegExp = BoundedRegExp as unknown as RegExpConstructor; // a constructor with a `new` of the same meaning and no call form
