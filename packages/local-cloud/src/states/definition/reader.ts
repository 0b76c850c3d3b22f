import type { Evaluate } from '../language/expression.ts';
import { isArray, isObject, type Json, type JsonObject } from '../language/json.ts';
import { compilePath, type Path } from '../language/path.ts';
import { compileReferencePath, type ReferencePath } from '../language/reference-path.ts';
import { compileTemplate } from '../language/template.ts';
import type { Diagnostic, DiagnosticCode } from './diagnostics.ts';

/** Reads one object of a definition. What is wrong becomes a finding with its place, and reading goes on, so all findings come at once. */
export class Reader {
  readonly raw: JsonObject;
  readonly location: string;
  readonly findings: Diagnostic[];

  constructor(raw: JsonObject, location: string, findings: Diagnostic[]) {
    this.raw = raw;
    this.location = location;
    this.findings = findings;
  }

  report(message: string, { field = '', code = 'SCHEMA_VALIDATION_FAILED' }: { field?: string; code?: DiagnosticCode } = {}): void {
    this.findings.push({ severity: 'ERROR', code, message, location: field ? `${this.location}/${field}` : this.location });
  }

  warn(message: string, code: DiagnosticCode): void {
    this.findings.push({ severity: 'WARNING', code, message, location: this.location });
  }

  has(field: string): boolean {
    return Object.hasOwn(this.raw, field);
  }

  /** Refuses every field that is not named. */
  allow(fields: readonly string[]): void {
    for (const field of Object.keys(this.raw)) {
      if (!fields.includes(field)) this.report(`Field '${field}' is not supported`, { field });
    }
  }

  /** Variables, which may be assigned in states, catchers and rules, are to come. */
  refuseVariables(): void {
    if (this.has('Assign')) this.report('the local cloud does not support variables yet', { field: 'Assign', code: 'NOT_SUPPORTED_LOCALLY' });
  }

  /** At most one of the fields may be there. */
  exclusive(...fields: readonly string[]): void {
    const present = fields.filter((field) => this.has(field));
    if (present.length > 1) this.report(`Only one of ${present.map((field) => `'${field}'`).join(', ')} is allowed`);
  }

  value(field: string): Json | undefined {
    return this.has(field) ? this.raw[field] : undefined;
  }

  text(field: string): string | undefined {
    return this.#typed(field, 'a string', (value) => (typeof value === 'string' ? value : undefined));
  }

  requiredText(field: string): string {
    if (!this.has(field)) this.report(`These fields are required: [${field}]`);
    return this.text(field) ?? '';
  }

  boolean(field: string): boolean | undefined {
    return this.#typed(field, 'a boolean', (value) => (typeof value === 'boolean' ? value : undefined));
  }

  number(field: string, { least = 0, most = Number.MAX_SAFE_INTEGER }: { least?: number; most?: number } = {}): number | undefined {
    return this.#typed(field, `a number from ${least} to ${most}`, (value) =>
      typeof value === 'number' && value >= least && value <= most ? value : undefined,
    );
  }

  integer(field: string, bounds: { least?: number; most?: number } = {}): number | undefined {
    const number = this.number(field, bounds);
    if (number === undefined || Number.isInteger(number)) return number;
    this.report('Expected an integer', { field });
    return undefined;
  }

  texts(field: string): readonly string[] {
    const list = this.#typed(field, 'a list of strings', (value) => (isArray(value) ? value : undefined)) ?? [];
    const texts = list.filter((item) => typeof item === 'string');
    if (texts.length !== list.length) this.report('Expected a list of strings', { field });
    return texts;
  }

  /** The object in a field. */
  object(field: string): Reader | undefined {
    const raw = this.#typed(field, 'an object', (value) => (isObject(value) ? value : undefined));
    return raw && new Reader(raw, `${this.location}/${field}`, this.findings);
  }

  /** The objects of a list. */
  objects(field: string): readonly Reader[] {
    const list = this.#typed(field, 'a list', (value) => (isArray(value) ? value : undefined)) ?? [];
    return list.flatMap((raw, index) => {
      if (isObject(raw)) return [new Reader(raw, `${this.location}/${field}/${index}`, this.findings)];
      this.report('Expected an object', { field: `${field}/${index}` });
      return [];
    });
  }

  path(field: string): Path | undefined {
    const text = this.text(field);
    return text === undefined ? undefined : this.compiled(field, () => compilePath(text));
  }

  /** Null stands for "nothing" where the language allows it. */
  nullablePath(field: string): Path | null | undefined {
    return this.value(field) === null ? null : this.path(field);
  }

  referencePath(field: string): ReferencePath | null | undefined {
    if (this.value(field) === null) return null;
    const text = this.text(field);
    return text === undefined ? undefined : this.compiled(field, () => compileReferencePath(text));
  }

  template(field: string): Evaluate | undefined {
    const template = this.value(field);
    return template === undefined ? undefined : this.compiled(field, () => compileTemplate(template));
  }

  /** Runs a compiler of the expression language; its complaint becomes a finding. */
  compiled<T>(field: string, compile: () => T): T | undefined {
    try {
      return compile();
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.report(error.message, { field });
      return undefined;
    }
  }

  #typed<T>(field: string, expected: string, pick: (value: Json) => T | undefined): T | undefined {
    const value = this.value(field);
    if (value === undefined) return undefined;
    const picked = pick(value);
    if (picked === undefined) this.report(`Expected ${expected}`, { field });
    return picked;
  }
}
