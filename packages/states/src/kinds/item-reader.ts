import { parse } from 'csv-parse/sync';
import { compileNumber, type StateScope } from '../language/data-flow.ts';
import type { Evaluate } from '../language/expression.ts';
import { type FieldTable, numberFields, TEXT } from '../language/fields.ts';
import { isArray, isObject, type Json, parseJson, setMember } from '../language/json.ts';
import { CALL_FIELDS, type Reader } from '../language/reader.ts';
import { StateRuntimeError, StatesError } from '../language/states-error.ts';
import type { Clock } from '../ports/clock.ts';
import { ApiError, type Objects } from '../ports/services.ts';
import type { ItemReader } from '../program/map-run.ts';

const DELIMITERS: Readonly<Record<string, string>> = {
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  SPACE: ' ',
  TAB: '\t',
};
const MOST_ITEMS = 100_000_000;
const RESOURCE = /^arn:aws[\w-]*:states:::s3:(getObject|listObjectsV2)$/;

const READER_CONFIG_FIELDS: FieldTable = {
  ...numberFields('MaxItems', { holds: 'integer' }),
  InputType: TEXT,
  Transformation: { holds: 'text', values: ['NONE', 'LOAD_AND_FLATTEN'] },
  CSVHeaderLocation: { holds: 'text', values: ['FIRST_ROW', 'GIVEN'] },
  CSVHeaders: { holds: 'texts' },
  CSVDelimiter: { holds: 'text', values: Object.keys(DELIMITERS) },
  ItemsPointer: TEXT,
  Comment: TEXT,
};

export const ITEM_READER_FIELDS: FieldTable = {
  Resource: { holds: 'text', required: true },
  ReaderConfig: { holds: 'object', fields: READER_CONFIG_FIELDS },
  Parameters: { holds: 'object', only: 'JSONPath' },
  Arguments: { holds: 'any', only: 'JSONata' },
  Comment: TEXT,
};

/** Compiles ItemReader. Undefined: the items are in the state's input. */
export function compileItemReader(state: Reader): ItemReader | undefined {
  const reader = state.object('ItemReader');
  if (!reader) return undefined;
  const action = RESOURCE.exec(reader.text('Resource') ?? '')?.[1];
  if (action === undefined)
    reader.report("the local cloud reads items with 's3:getObject' and 's3:listObjectsV2'", {
      field: 'Resource',
      code: 'NOT_SUPPORTED_LOCALLY',
    });
  const parameters = reader.payload(CALL_FIELDS) ?? (() => ({}));
  const config = reader.object('ReaderConfig');
  const limit = config ? compileLimit(config) : () => 0;
  const read = action === 'listObjectsV2' ? compileListing(config, reader) : compileObject(config, reader);
  return (work) => {
    const most = limit(work);
    const place = placeOf(parameters, work);
    return async ({ objects, clock }) => {
      if (most < 0) throw readerFailed('field MaxItems must be positive');
      const items = await reading(clock, () => read(objects, place));
      return most === 0 ? items : items.slice(0, most);
    };
  };
}

type ReadItems = (objects: Objects, place: Place) => Promise<readonly Json[]>;

/** The items are in one object. */
function compileObject(config: Reader | undefined, reader: Reader): ReadItems {
  const parse = compileFormat(config, reader);
  if (config?.has('Transformation'))
    config.report("Field 'Transformation' is only allowed with 's3:listObjectsV2'", {
      field: 'Transformation',
    });
  return (objects, place) => readObject(objects, place, parse);
}

/** The items are the entries of a listing, or, with LOAD_AND_FLATTEN, what is in the objects it names. */
function compileListing(config: Reader | undefined, reader: Reader): ReadItems {
  const transformation = config?.text('Transformation') ?? 'NONE';
  if (transformation === 'LOAD_AND_FLATTEN') {
    const parse = compileFormat(config, reader);
    return async (objects, place) => {
      const items: Json[] = [];
      for await (const { key } of objects.list(place.bucket, place.key)) {
        for (const item of await readObject(objects, { bucket: place.bucket, key }, parse)) items.push(item);
      }
      return items;
    };
  }
  return listObjects;
}

/** Whatever S3 refuses is the reader's failure. */
async function reading<T>(clock: Clock, read: () => Promise<T>): Promise<T> {
  const release = clock.hold();
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw readerFailed(
      `${error.message} (Service: Amazon S3; Status Code: ${error.status}; Error Code: ${error.code})`,
    );
  } finally {
    release();
  }
}

function compileLimit(config: Reader): (work: StateScope) => number {
  const read = compileNumber(config, 'MaxItems', { whole: true, most: MOST_ITEMS });
  return (work) => Math.min(read(work) ?? 0, MOST_ITEMS);
}

function compileFormat(config: Reader | undefined, reader: Reader): (text: string) => readonly Json[] {
  const type = config?.text('InputType');
  const pointer = config?.text('ItemsPointer');
  if (type === 'JSON') return (text) => readJsonItems(text, pointer);
  if (type === 'JSONL') return readJsonLines;
  if (type === 'CSV' && config) {
    const layout = compileCsvLayout(config);
    return (text) => readCsvItems(text, layout);
  }
  reader.report(
    type
      ? `the local cloud does not read items of the type '${type}'`
      : 'These fields are required: [InputType]',
    {
      field: 'ReaderConfig',
      code: type ? 'NOT_SUPPORTED_LOCALLY' : 'SCHEMA_VALIDATION_FAILED',
    },
  );
  return () => [];
}

function compileCsvLayout(config: Reader): CsvLayout {
  const location = config.requiredText('CSVHeaderLocation');
  const delimiter = DELIMITERS[config.text('CSVDelimiter') ?? 'COMMA'];
  if (location === 'GIVEN' && !config.has('CSVHeaders'))
    config.report('These fields are required: [CSVHeaders]');
  return {
    headers: location === 'GIVEN' ? config.texts('CSVHeaders') : undefined,
    delimiter: delimiter ?? ',',
  };
}

/** Where the items are. */
interface Place {
  readonly bucket: string;
  /** A key, or a prefix to list. */
  readonly key: string;
}

function placeOf(parameters: Evaluate, work: StateScope): Place {
  const value = parameters(work.scope());
  const { Bucket: bucket, Key: key, Prefix: prefix } = isObject(value) ? value : {};
  if (typeof bucket !== 'string') throw new StateRuntimeError('The ItemReader needs the name of a bucket.');
  return { bucket, key: String(key ?? prefix ?? '') };
}

async function readObject(
  objects: Objects,
  { bucket, key }: Place,
  parse: (text: string) => readonly Json[],
): Promise<readonly Json[]> {
  const { body } = await objects.get(bucket, key);
  return parse(new TextDecoder().decode(body));
}

async function listObjects(objects: Objects, { bucket, key: prefix }: Place): Promise<readonly Json[]> {
  const items: Json[] = [];
  for await (const { key, etag, size, lastModified } of objects.list(bucket, prefix)) {
    items.push({
      Etag: `"${etag}"`,
      Key: key,
      LastModified: Math.floor(lastModified / 1000),
      Size: size,
      StorageClass: 'STANDARD',
    });
  }
  return items;
}

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
  const items = steps.reduce(
    (node: Json | undefined, step) => childAt(node, step.replaceAll('~1', '/').replaceAll('~0', '~')),
    parseItems(text),
  );
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
    return parse(text, {
      delimiter,
      bom: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    });
  } catch (error) {
    throw readerFailed(`Unable to parse CSV file: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parseItems(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    throw readerFailed(
      `Unable to parse JSON file: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
