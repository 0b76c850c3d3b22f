import { type Json, parseJson } from './json.ts';

/** The texts that values were parsed from: causes quote an input as it was sent, blanks included. */
const SOURCES = new WeakMap<object, string>();

/** The JSON text of a value: the one it was parsed from, if it came as one. */
export function sourceText(value: Json): string {
  const source = typeof value === 'object' && value !== null ? SOURCES.get(value) : undefined;
  return source ?? JSON.stringify(value);
}

/** A value that travels between states, with its JSON text made (or parsed) at most once. */
export class Payload {
  /** Where the journal keeps the text, once it does. */
  stored: number | undefined;
  /** The first of those that this one was made of: much of its text may be in it. */
  like: Payload | undefined;
  #value: Json | undefined;
  #text: string | (() => string) | undefined;

  private constructor(value: Json | undefined, text: string | (() => string) | undefined) {
    this.#value = value;
    this.#text = text;
  }

  static of(value: Json, source?: Payload): Payload {
    const made = new Payload(value, undefined);
    made.like = source?.like ?? source;
    return made;
  }

  /**
   * `text` has to be valid JSON; it is read when somebody asks for it, and parsed when somebody asks for the
   * value.
   */
  static fromText(text: string | (() => string)): Payload {
    return new Payload(undefined, text);
  }

  get value(): Json {
    if (this.#value !== undefined) return this.#value;
    const { text } = this;
    this.#value = parseJson(text);
    if (typeof this.#value === 'object' && this.#value !== null) SOURCES.set(this.#value, text);
    return this.#value;
  }

  get text(): string {
    if (typeof this.#text === 'string') return this.#text;
    this.#text = this.#text?.() ?? JSON.stringify(this.#value ?? null);
    return this.#text;
  }

  /**
   * Whether the text takes at most `limit` bytes of UTF-8; counts only where the length in characters leaves
   * a doubt.
   */
  fits(limit: number): boolean {
    const { length } = this.text;
    return length * 3 <= limit || (length <= limit && Buffer.byteLength(this.text) <= limit);
  }
}
