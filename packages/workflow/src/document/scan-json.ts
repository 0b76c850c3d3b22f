import { FORBIDDEN_KEYS } from '@statebag/contracts/control-fields';
import { WORKFLOW_LIMITS } from '@statebag/contracts/limits';
import type { DiagnosticCode, Path } from './diagnostics.ts';
import { notAllowed, notWellFormed, TOO_DEEP, tooLargeNumber } from './readable-json.ts';

/** What is wrong at one place of a text. */
export interface TextProblem {
  readonly code: DiagnosticCode;
  /** The part of the document that it is about. */
  readonly at: Path;
  /** Where it stands, in UTF-16 units from 0. */
  readonly offset: number;
  readonly message: string;
  readonly mend?: string;
}

/** A text that is no JSON: nothing behind the place can be read. */
class NotJson extends Error {
  readonly problem: TextProblem;
  constructor(problem: TextProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/**
 * Everything about a JSON text that `JSON.parse` passes over in silence: a key that is written twice, an
 * integer whose digits a number cannot hold, half of a surrogate pair. A text that is no JSON ends with the
 * one problem that says so, at the character where it is.
 */
export function scanJson(text: string): readonly TextProblem[] {
  const scan: Scan = { text, at: 0, path: [], problems: [] };
  try {
    space(scan);
    value(scan, 0);
    space(scan);
    if (scan.at < text.length) throw unexpected(scan, 'the end of the text');
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    return [error.problem];
  }
  return scan.problems;
}

interface Scan {
  readonly text: string;
  at: number;
  /** The part of the document that is being read. */
  readonly path: (string | number)[];
  readonly problems: TextProblem[];
}

function value(scan: Scan, depth: number): void {
  if (depth > WORKFLOW_LIMITS.jsonDepth) throw new NotJson(unreadable(scan.at, TOO_DEEP));
  const first = scan.text[scan.at];
  const keys = new Set<string>();
  if (first === '{') members(scan, '}', () => member(scan, { depth, keys }));
  else if (first === '[') members(scan, ']', (index) => below(scan, { step: index, depth }));
  else if (first === '"') string(scan);
  else word(scan);
}

function below(
  scan: Scan,
  { step, depth }: { readonly step: string | number; readonly depth: number },
): void {
  scan.path.push(step);
  value(scan, depth + 1);
  scan.path.pop();
}

type Bracket = '}' | ']';
const BELONGS: Readonly<Record<Bracket, string>> = { '}': 'a key in double quotes', ']': 'a value' };

/** What stands between two brackets. */
function members(scan: Scan, end: Bracket, next: (index: number) => void): void {
  scan.at += 1;
  space(scan);
  let isOver = scan.text[scan.at] === end;
  if (isOver) scan.at += 1;
  for (let index = 0; !isOver; index += 1) {
    next(index);
    space(scan);
    const mark = scan.text[scan.at];
    if (mark !== ',' && mark !== end) throw unexpected(scan, `"," or "${end}"`);
    isOver = mark === end;
    if (!isOver) refuseCommaTooMany(scan, end);
    scan.at += 1;
    space(scan);
  }
}

/** A comma is followed by one more member: otherwise the comma is what is wrong. */
function refuseCommaTooMany({ text, at }: Scan, end: Bracket): void {
  let after = at + 1;
  while (' \t\n\r'.includes(text[after] ?? 'x')) after += 1;
  if (text[after] === end)
    throw new NotJson(unreadable(at, `a comma stands before "${end}"`, 'remove the comma'));
  if (text[after] === ',')
    throw new NotJson(
      unreadable(after, `a second comma stands where ${BELONGS[end]} belongs`, 'remove one comma'),
    );
}

function member(scan: Scan, { depth, keys }: { readonly depth: number; readonly keys: Set<string> }): void {
  if (scan.text[scan.at] !== '"') throw unexpected(scan, BELONGS['}']);
  const offset = scan.at;
  const key = string(scan);
  noteKey(scan, keys, { key, offset });
  space(scan);
  if (scan.text[scan.at] !== ':') throw unexpected(scan, '":" after the key');
  scan.at += 1;
  space(scan);
  below(scan, { step: key, depth });
}

function noteKey(
  { problems, path }: Scan,
  keys: Set<string>,
  { key, offset }: { readonly key: string; readonly offset: number },
): void {
  if (FORBIDDEN_KEYS.has(key))
    problems.push({ code: 'unreadable', at: [...path, key], offset, message: notAllowed(key) });
  if (keys.has(key))
    problems.push({
      code: 'duplicate-key',
      at: [...path, key],
      offset,
      message: `the key ${JSON.stringify(key)} stands here a second time`,
    });
  keys.add(key);
}

/** Characters as they are come in one go: most texts have no other. */
const STRING = /"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[ !#-[\]-\uffff]*)*"/y;
/** As far as a text is right; where it ends is the place of what is wrong with it. */
const STRING_START = /"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[ !#-[\]-\uffff]*)*/y;

function string(scan: Scan): string {
  const offset = scan.at;
  const written = match(STRING, scan);
  if (written === undefined) throw brokenString(scan);
  const read: string = written.includes('\\') ? JSON.parse(written) : written.slice(1, -1);
  if (!read.isWellFormed())
    scan.problems.push({ code: 'not-json', at: [...scan.path], offset, message: notWellFormed() });
  return read;
}

function brokenString(scan: Scan): NotJson {
  match(STRING_START, scan);
  const met = scan.text[scan.at];
  if (met === '\\')
    return new NotJson(
      unreadable(scan.at, `${JSON.stringify(scan.text.slice(scan.at, scan.at + 2))} is no escape of JSON`),
    );
  if (met === undefined) return new NotJson(unreadable(scan.at, 'a text is not closed by a double quote'));
  return new NotJson(
    unreadable(
      scan.at,
      'a line break or control character stands in a text',
      'write it as an escape, a line break as \\n',
    ),
  );
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;
const NAME = /(?:true|false|null)(?!\w)/y;

function word(scan: Scan): void {
  const offset = scan.at;
  const number = match(NUMBER, scan);
  if (number === undefined) {
    if (match(NAME, scan) === undefined) throw unexpected(scan, 'a value');
    return;
  }
  const message = tooLargeNumber(number);
  if (message !== undefined) scan.problems.push({ code: 'bad-number', at: [...scan.path], offset, message });
}

function space(scan: Scan): void {
  match(/[ \t\n\r]*/y, scan);
}

function match(pattern: RegExp, scan: Scan): string | undefined {
  pattern.lastIndex = scan.at;
  const found = pattern.exec(scan.text)?.[0];
  scan.at += found?.length ?? 0;
  return found;
}

const WORD = /[^\s,:[\]{}"]{1,30}/y;

function unexpected(scan: Scan, wanted: string): NotJson {
  const offset = scan.at;
  const met = match(WORD, scan) ?? scan.text[offset];
  const said = met === undefined ? 'the text ends' : `${JSON.stringify(met)} stands`;
  return new NotJson(unreadable(offset, `${said} where ${wanted} belongs`));
}

function unreadable(offset: number, problem: string, mend?: string): TextProblem {
  const message = problem === TOO_DEEP ? problem : `this is not JSON: ${problem}`;
  return { code: 'unreadable', at: [], offset, message, ...(mend !== undefined && { mend }) };
}
