import { type Json, parseJson } from './json.ts';

/** A value that travels between states, with its JSON text made (or parsed) at most once. */
export class Payload {
  /** Where the journal keeps the text, once it does. */
  stored: number | undefined;
  #value: Json | undefined;
  #text: string | undefined;

  private constructor(value: Json | undefined, text: string | undefined) {
    this.#value = value;
    this.#text = text;
  }

  static of(value: Json): Payload {
    return new Payload(value, undefined);
  }

  /** `text` has to be valid JSON; it is parsed when somebody asks for the value. */
  static fromText(text: string): Payload {
    return new Payload(undefined, text);
  }

  get value(): Json {
    if (this.#value === undefined) this.#value = parseJson(this.#text ?? 'null');
    return this.#value;
  }

  get text(): string {
    if (this.#text === undefined) this.#text = JSON.stringify(this.#value ?? null);
    return this.#text;
  }

  /** Whether the text takes at most `limit` bytes of UTF-8; counts only where the length in characters leaves a doubt. */
  fits(limit: number): boolean {
    const { length } = this.text;
    return length * 3 <= limit || (length <= limit && Buffer.byteLength(this.text) <= limit);
  }
}
