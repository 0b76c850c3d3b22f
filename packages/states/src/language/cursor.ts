/** A place in a text that is read from left to right. */
export class Cursor {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  peek(ahead = 0): string {
    return this.text[this.at + ahead] ?? '';
  }

  skipSpace(): this {
    while (/\s/.test(this.peek())) this.at += 1;
    return this;
  }

  /** Steps over `token` where it comes next. */
  take(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  expect(token: string): void {
    if (!this.skipSpace().take(token)) this.fail(`expected '${token}'`);
  }

  /** Takes what a sticky pattern matches here. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  /** Takes a quoted string; a backslash stands for itself, except before the quote and before another one. */
  quoted(quote: string): string {
    this.expect(quote);
    let value = '';
    while (!this.done && this.peek() !== quote) {
      if (this.peek() === '\\' && (this.peek(1) === quote || this.peek(1) === '\\')) this.at += 1;
      value += this.peek();
      this.at += 1;
    }
    this.expect(quote);
    return value;
  }

  fail(problem: string): never {
    throw new SyntaxError(`${problem} at character ${this.at} of '${this.text}'`);
  }
}
