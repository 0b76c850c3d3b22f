import { compileTemplate, type Evaluate } from './expression.ts';
import { isArray, isObject, type Json, type JsonObject } from './json.ts';
import { compileQuery, type Query } from './jsonata.ts';
import { compilePath, compileReferencePath, type Path, type ReferencePath } from './path.ts';

/** One finding about a definition, as ValidateStateMachineDefinition reports it. */
export interface Diagnostic {
  readonly severity: 'ERROR' | 'WARNING';
  readonly code: DiagnosticCode;
  readonly message: string;
  /** `/States/A/Choices[0]/Next`; null where a finding is about no place in the definition. */
  readonly location: string | null;
}

export type DiagnosticCode =
  | 'INVALID_JSON_DESCRIPTION'
  | 'SCHEMA_VALIDATION_FAILED'
  | 'MISSING_TRANSITION_TARGET'
  | 'MISSING_END_STATE'
  | 'DUPLICATE_STATE_NAME'
  | 'INVALID_JSONATA_EXPRESSION'
  | 'UNSUPPORTED_JSONATA_EXPRESSION'
  | 'NOT_SUPPORTED_LOCALLY';

/** The sentence that InvalidDefinition carries. */
export function describeDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'ERROR');
  return `Invalid State Machine Definition: '${errors.map(({ code, message, location }) => `${code}: ${message} at ${location === null ? 'null' : location || '/'}`).join(', ')}'`;
}

/** The query languages. */
export type Language = 'JSONPath' | 'JSONata';

/** Which language an object of a definition is in, and the place of the state that it belongs to. */
interface Place {
  readonly language: Language;
  readonly machineLanguage: Language;
  readonly state: string;
}

/** What the argument of a call is named in each language. */
export const CALL_FIELDS = { JSONPath: 'Parameters', JSONata: 'Arguments' } as const;

const TOP: Place = { language: 'JSONPath', machineLanguage: 'JSONPath', state: '' };

/**
 * Reads one object of a definition. What is wrong becomes a finding with its place, and reading goes on, so
 * all findings come at once.
 */
export class Reader {
  readonly raw: JsonObject;
  readonly location: string;
  readonly findings: Diagnostic[];
  readonly #place: Place;

  constructor(raw: JsonObject, location: string, findings: Diagnostic[], place: Place = TOP) {
    this.raw = raw;
    this.location = location;
    this.findings = findings;
    this.#place = place;
  }

  get language(): Language {
    return this.#place.language;
  }

  /** The language of the states that do not name one. */
  get machineLanguage(): Language {
    return this.#place.machineLanguage;
  }

  /** The same object as one whose fields are in a language; `isMachine`: as well those of its states. */
  in(language: Language, { isMachine = false } = {}): Reader {
    const machineLanguage = isMachine ? language : this.machineLanguage;
    const state = isMachine ? '' : this.location;
    return new Reader(this.raw, this.location, this.findings, { language, machineLanguage, state });
  }

  /** The place of a field in its state: `ItemReader/ReaderConfig/MaxItems`. */
  placeOf(field: string): string {
    return `${this.location}/${field}`.slice(this.#place.state.length + 1);
  }

  report(
    message: string,
    { field = '', code = 'SCHEMA_VALIDATION_FAILED' }: { field?: string; code?: DiagnosticCode } = {},
  ): void {
    const location = field ? `${this.location}/${field}` : this.location;
    // One mistake is one finding, also where a rule and a compiler both see it.
    const isKnown = (known: Diagnostic): boolean =>
      known.location === location &&
      (known.message === message || (known.message.startsWith('Expected') && message.startsWith('Expected')));
    if (this.findings.some(isKnown)) return;
    this.findings.push({ severity: 'ERROR', code, message, location });
  }

  /** A finding about the whole, to which the service gives no place. */
  reportWhole(message: string, code: DiagnosticCode): void {
    this.findings.push({ severity: 'ERROR', code, message, location: null });
  }

  warn(message: string, code: DiagnosticCode): void {
    this.findings.push({ severity: 'WARNING', code, message, location: this.location });
  }

  has(field: string): boolean {
    return Object.hasOwn(this.raw, field);
  }

  /** At most one of the fields may be there. */
  exclusive(...fields: readonly string[]): void {
    const present = fields.filter((field) => this.has(field));
    if (present.length > 1)
      this.report(`Only one of ${present.map((field) => `'${field}'`).join(', ')} is allowed`);
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

  number(
    field: string,
    { least = 0, most = Number.MAX_SAFE_INTEGER }: { least?: number; most?: number } = {},
  ): number | undefined {
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
    const list =
      this.#typed(field, 'a list of strings', (value) => (isArray(value) ? value : undefined)) ?? [];
    const texts = list.filter((item) => typeof item === 'string');
    if (texts.length !== list.length) this.report('Expected a list of strings', { field });
    return texts;
  }

  /** The object in a field. */
  object(field: string): Reader | undefined {
    const raw = this.#typed(field, 'an object', (value) => (isObject(value) ? value : undefined));
    return raw && new Reader(raw, `${this.location}/${field}`, this.findings, this.#place);
  }

  /** The objects of a list. */
  objects(field: string): readonly Reader[] {
    const list = this.#typed(field, 'a list', (value) => (isArray(value) ? value : undefined)) ?? [];
    return list.flatMap((raw, index) => {
      if (isObject(raw))
        return [new Reader(raw, `${this.location}/${field}[${index}]`, this.findings, this.#place)];
      this.report('Expected an object', { field: `${field}[${index}]` });
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

  /**
   * A field that may hold JSONata expressions anywhere. `offered`: what `$states` has there besides input and
   * context.
   */
  query(field: string, offered?: 'result' | 'errorOutput'): Query | undefined {
    const value = this.value(field);
    if (value === undefined) return undefined;
    const place = this.placeOf(field);
    const { query, expressions } = compileQuery(value, place);
    for (const { source, location, problems } of expressions) {
      for (const { code, message } of problems)
        this.report(message, { field: `${field}${location.slice(place.length)}`, code });
      this.#lintStates(field, source, offered);
    }
    return query;
  }

  #lintStates(field: string, source: string, offered: string | undefined): void {
    for (const [, member] of source.matchAll(/\$states\s*\.\s*(result|errorOutput)\b/g))
      if (member !== offered) this.report(`'$states.${member}' is not available in this field`, { field });
  }

  /** A template of a JSONPath state, or a field of a JSONata one: each has a name of its own. */
  payload(names: Readonly<Record<Language, string>>): Evaluate | undefined {
    return this.language === 'JSONata' ? this.query(names.JSONata) : this.template(names.JSONPath);
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
