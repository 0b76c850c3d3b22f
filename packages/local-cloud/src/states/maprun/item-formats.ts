import { parse } from 'csv-parse/sync';
import { isArray, isObject, type Json, parseJson, setMember } from '../language/json.ts';
import { StatesError } from '../states-error.ts';

/** How a CSV file is laid out. */
export interface CsvLayout {
  /** Undefined: the first row holds them. */
  readonly headers: readonly string[] | undefined;
  readonly delimiter: string;
}

/** The failure of an item reader. */
export function readerFailed(cause: string): StatesError {
  return new StatesError('States.ItemReaderFailed', cause);
}

/** The list in a JSON file, at a JSON pointer or at its top. */
export function readJsonItems(text: string, pointer = ''): readonly Json[] {
  const steps = pointer.split('/').slice(1);
  const items = steps.reduce((node: Json | undefined, step) => childAt(node, step.replaceAll('~1', '/').replaceAll('~0', '~')), parseItems(text));
  if (!isArray(items)) throw readerFailed('Attempting to map over non-iterable node.');
  return items;
}

function childAt(node: Json | undefined, step: string): Json | undefined {
  if (isArray(node)) return node[Number(step)];
  return isObject(node) && Object.hasOwn(node, step) ? node[step] : undefined;
}

/** One item a line; empty lines are none. */
export function readJsonLines(text: string): readonly Json[] {
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [parseItems(line)]));
}

/** One object a row. Missing columns are empty, surplus ones are dropped. */
export function readCsvItems(text: string, { headers, delimiter }: CsvLayout): readonly Json[] {
  const rows = parseCsv(text, delimiter);
  const names = headers ?? rows.shift() ?? [];
  if (new Set(names).size < names.length) throw readerFailed('CSV headers cannot contain duplicates.');
  return rows.map((row) => {
    const item: Record<string, Json> = {};
    for (const [index, name] of names.entries()) setMember(item, name, row[index] ?? '');
    return item;
  });
}

function parseCsv(text: string, delimiter: string): string[][] {
  try {
    return parse(text, { delimiter, bom: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true });
  } catch (error) {
    throw readerFailed(`Unable to parse CSV file: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parseItems(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    throw readerFailed(`Unable to parse JSON file: ${error instanceof Error ? error.message : String(error)}`);
  }
}
