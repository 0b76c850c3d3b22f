import type { LinearPattern, linearPattern } from './linear-pattern.ts';

type Compile = typeof linearPattern;

/**
 * Our engine in the form that JSONata asks for: it constructs one of these from each literal it meets and
 * calls `exec`, which first asks whether there is time left. The engine itself is loaded by `open`, so that
 * an expression without patterns never pays.
 */
export interface RegexEngine {
  readonly constructor: RegExpConstructor;
  open(): Promise<void>;
}

export function regexEngine(checkTime: () => void): RegexEngine {
  let compile: Compile | null = null;
  const compiled = new WeakMap<RegExp, LinearPattern>();

  function patternOf(literal: RegExp): LinearPattern {
    const known = compiled.get(literal);
    if (known) return known;
    if (!compile) throw new Error('the engine for patterns is asked before it was opened');
    const pattern = compile(literal.source, literal);
    compiled.set(literal, pattern);
    return pattern;
  }

  class LinearRegExp {
    lastIndex = 0;
    readonly #pattern: LinearPattern;

    constructor(literal: RegExp) {
      this.#pattern = patternOf(literal);
    }

    exec(text: string) {
      checkTime();
      const match = this.#pattern.find(text, this.lastIndex);
      this.lastIndex = match?.end ?? 0;
      return match && Object.assign([...match.groups], { index: match.start });
    }
  }

  return {
    // the library only ever constructs it and calls `exec`
    constructor: LinearRegExp as unknown as RegExpConstructor,
    async open() {
      compile ??= (await import('./linear-pattern.ts')).linearPattern;
    },
  };
}
