import { dirname, join } from 'node:path';

/**
 * A way into a document: keys and indices from the root. Behind a file step it goes on in that file; the last
 * one counts.
 */
export type Path = readonly (string | number | FileStep)[];

/** A file that a document brings in. */
export interface FileStep {
  readonly file: string;
  readonly locate: (path: Path) => Place | null;
}

function isFileStep(step: Path[number]): step is FileStep {
  return typeof step === 'object';
}

/** Every problem a document can have, how bad it is, and what mends it where nothing better can be said. */
export const DIAGNOSTICS = {
  unreadable: { severity: 'error', mend: 'correct the text at the named place' },
  'duplicate-key': { severity: 'error', mend: 'remove one of the two, or give it another name' },
  'bad-number': {
    severity: 'error',
    mend: 'write an identifier as a text in quotes, a quantity as a smaller number',
  },
  'not-json': { severity: 'error', mend: 'write the whole character, or leave it out' },
  'wrong-shape': { severity: 'error', mend: 'compare with docs/workflow-format.md' },
  'unknown-key': { severity: 'error', mend: 'remove it, or correct its spelling' },
  'missing-key': { severity: 'error', mend: 'add it' },
  'bad-id': {
    severity: 'error',
    mend: 'use letters, digits, ".", "_", ":" and "-", at most 64, beginning with a letter or digit, without ".."',
  },
  'duplicate-id': { severity: 'error', mend: 'give each node an id of its own, nested nodes included' },
  'unknown-type': { severity: 'error', mend: 'use one of the node types in docs/workflow-format.md' },
  'type-alias': { severity: 'warning', mend: 'use the current name' },
  'bad-expression': { severity: 'error', mend: 'correct the expression; see docs.jsonata.org' },
  'misplaced-secret': {
    severity: 'error',
    mend: 'use it in `url`, `headers` or `body` of an `api_call` node, or in `payload` of a `lambda` node; it is seen nowhere else',
  },
  'looks-like-key': {
    severity: 'warning',
    mend: "put it into a secret and write {{ $secret('name') }} in its place; see docs/secrets.md",
  },
  'bad-schema': { severity: 'error', mend: 'see json-schema.org, draft 2020-12' },
  'bad-pattern': { severity: 'error', mend: 'write a pattern that RE2 knows' },
  'file-uses-itself': { severity: 'error', mend: 'put what repeats into the body of a `loop` node' },
  'file-not-found': { severity: 'error', mend: 'give a path that lies beside or below the workflow' },
  'file-refused': {
    severity: 'error',
    mend: 'name a plain file of text that lies beside or below the workflow',
  },
  'unknown-function': { severity: 'error', mend: 'use a function of docs.jsonata.org' },
  'unknown-variable': {
    severity: 'warning',
    mend: 'set it with := in the same expression; a field of the state is written without $',
  },
  'unknown-provider': { severity: 'error', mend: 'use a provider of docs/providers.md' },
  'plain-expression': {
    severity: 'warning',
    mend: 'write "{% … %}" for its value, or "{{ … }}" inside of a text',
  },
  'text-for-value': { severity: 'warning', mend: 'write "{% … %}" for the value itself' },
  'unquoted-name': { severity: 'warning', mend: 'write the name in backticks' },
  'unwritten-output': {
    severity: 'warning',
    mend: 'correct its spelling, name it in `fields` of an `input` node, or let a node write it',
  },
  'out-of-range': { severity: 'error', mend: 'stay within the limits' },
  'reserved-field': { severity: 'error', mend: 'choose another field name' },
  'dangling-edge': { severity: 'error', mend: 'name a node of the same list' },
  'duplicate-edge': { severity: 'warning', mend: 'remove one of the two' },
  cycle: { severity: 'error', mend: 'put what repeats into the body of a `loop` node' },
  'tangled-fork': { severity: 'error', mend: 'let all branches meet in one node, or give each its own end' },
  'pause-in-body': {
    severity: 'error',
    mend: 'pause before or after the list; a `loop`, and a `parallel_group` outside of lists, may pause',
  },
  unreachable: { severity: 'error', mend: 'add an edge that leads to it, or take it out' },
  'no-edges': { severity: 'error', mend: 'write the edges; only a plain chain may leave them out' },
  'too-many': { severity: 'error', mend: 'split the workflow' },
  'unwritten-read': {
    severity: 'warning',
    mend: 'name it in `fields` of an `input` node, give it in `initial_state`, or correct its spelling',
  },
  'reads-everything': { severity: 'note', mend: 'name the fields it needs, so that less is loaded' },
  'write-conflict': {
    severity: 'error',
    mend: 'let the branches write different fields, or name a reducer for the field in `state.reducers`',
  },
} as const satisfies Record<
  string,
  { readonly severity: 'error' | 'warning' | 'note'; readonly mend: string }
>;

export type DiagnosticCode = keyof typeof DIAGNOSTICS;

/** One problem, ready to be shown. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: 'error' | 'warning' | 'note';
  readonly file: string;
  /** JSON path, `$` is the document. */
  readonly path: string;
  /** From 1; 0 where the text has no such place. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly mend: string;
}

/** A place in a text, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A problem as a check finds it. */
export interface Finding {
  readonly code: DiagnosticCode;
  readonly at: Path;
  readonly message: string;
  readonly mend?: string;
  /** Where it stands in a file that the document names. */
  readonly beside?: Place & { readonly path: string };
}

/** Collects findings: a check goes on after a problem, so that all of them are reported at once. */
export interface Report {
  add(finding: Finding): void;
  readonly findings: readonly Finding[];
  hasErrors(): boolean;
  /** False once something is so wrong that looking further would only find its echoes. */
  isSound(): boolean;
}

/** Errors that leave the graph and its expressions as they are: other problems can still be told apart. */
const BESIDE_THE_GRAPH: ReadonlySet<DiagnosticCode> = new Set<DiagnosticCode>([
  'unknown-key',
  'out-of-range',
  'reserved-field',
  'misplaced-secret',
  'bad-pattern',
  'bad-schema',
  'file-not-found',
  'file-uses-itself',
  'file-refused',
  'unknown-function',
  'unknown-provider',
]);

/** A report on a file that is brought in: what it finds stands in that file. */
export function reportOnFile(report: Report, step: FileStep): Report {
  return {
    ...report,
    add: (finding) => report.add({ ...finding, at: [step, ...finding.at] }),
  };
}

export function createReport(): Report {
  const findings: Finding[] = [];
  return {
    add: (finding) => findings.push(finding),
    findings,
    isSound: () =>
      findings.every(({ code }) => DIAGNOSTICS[code].severity !== 'error' || BESIDE_THE_GRAPH.has(code)),
    hasErrors: () => findings.some(({ code }) => DIAGNOSTICS[code].severity === 'error'),
  };
}

/** A finding as it is shown: with its severity, its file, and its place in the text where there is one. */
export function located(finding: Finding, document: FileStep): Diagnostic {
  const { severity, mend } = DIAGNOSTICS[finding.code];
  const { file, locate } = finding.at.findLast(isFileStep) ?? document;
  const at = finding.at.slice(finding.at.findLastIndex(isFileStep) + 1);
  const { line, column } = finding.beside ?? locate(at) ?? { line: 0, column: 0 };
  return {
    code: finding.code,
    severity,
    file: finding.beside ? join(dirname(file), finding.beside.path) : file,
    path: pathText(at),
    line,
    column,
    message: finding.message,
    mend: finding.mend ?? mend,
  };
}

/** `$.nodes[3].config.prompt` */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, step) =>
      text +
      (typeof step !== 'string'
        ? `[${String(step)}]`
        : /^[A-Za-z_$][\w$-]*$/.test(step)
          ? `.${step}`
          : `[${JSON.stringify(step)}]`),
    '$',
  );
}

/** One problem as one line of text. */
export function diagnosticText({ severity, file, path, line, column, message, mend }: Diagnostic): string {
  const place = line > 0 ? `${file}:${line}:${column}` : file;
  return `${place}: ${severity}: ${path}: ${message}; ${mend}`;
}
