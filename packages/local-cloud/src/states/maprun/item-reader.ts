import { ApiError } from '../../ports.ts';
import type { Reader } from '../definition/reader.ts';
import { compileNumber } from '../kinds/item-source.ts';
import type { Evaluate } from '../language/expression.ts';
import { isObject, type Json } from '../language/json.ts';
import type { Frame } from '../run/frame.ts';
import { StateRuntimeError } from '../states-error.ts';
import { type CsvLayout, readCsvItems, readerFailed, readJsonItems, readJsonLines } from './item-formats.ts';

const DELIMITERS: Readonly<Record<string, string>> = { COMMA: ',', PIPE: '|', SEMICOLON: ';', SPACE: ' ', TAB: '\t' };
const MOST_ITEMS = 100_000_000;
const RESOURCE = /^arn:aws[\w-]*:states:::s3:(getObject|listObjectsV2)$/;

/** Reads the items of a distributed map from S3. */
export type ItemReader = (frame: Frame) => Promise<readonly Json[]>;

/** Compiles ItemReader. Undefined: the items are in the state's input. */
export function compileItemReader(state: Reader): ItemReader | undefined {
  const reader = state.object('ItemReader');
  if (!reader) return undefined;
  reader.allow(['Resource', 'ReaderConfig', 'Parameters', 'Comment']);
  const action = RESOURCE.exec(reader.requiredText('Resource'))?.[1];
  if (action === undefined)
    reader.report("the local cloud reads items with 's3:getObject' and 's3:listObjectsV2'", { field: 'Resource', code: 'NOT_SUPPORTED_LOCALLY' });
  const parameters = reader.template('Parameters') ?? (() => ({}));
  const config = reader.object('ReaderConfig');
  const limit = config ? compileLimit(config) : () => 0;
  const parse = action === 'listObjectsV2' ? undefined : compileFormat(config, reader);
  return async (frame) => {
    const most = limit(frame);
    const place = placeOf(parameters, frame);
    const items = await reading(frame, () => (parse ? readObject(frame, place, parse) : listObjects(frame, place)));
    return most === 0 ? items : items.slice(0, most);
  };
}

/** Whatever S3 refuses is the reader's failure. */
async function reading<T>(frame: Frame, read: () => Promise<T>): Promise<T> {
  const release = frame.run.host.clock.hold();
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw readerFailed(`${error.message} (Service: Amazon S3; Status Code: ${error.status}; Error Code: ${error.code})`);
  } finally {
    release();
  }
}

function compileLimit(config: Reader): (frame: Frame) => number {
  config.allow(['InputType', 'Transformation', 'CSVHeaderLocation', 'CSVHeaders', 'CSVDelimiter', 'MaxItems', 'MaxItemsPath', 'ItemsPointer', 'Comment']);
  const read = compileNumber(config, 'MaxItems', { whole: true, most: MOST_ITEMS });
  return (frame) => {
    const most = read(frame) ?? 0;
    if (most < 0) throw readerFailed('MaxItems cannot be negative.');
    return Math.min(most, MOST_ITEMS);
  };
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
  reader.report(type ? `the local cloud does not read items of the type '${type}'` : 'These fields are required: [InputType]', {
    field: 'ReaderConfig',
    code: type ? 'NOT_SUPPORTED_LOCALLY' : 'SCHEMA_VALIDATION_FAILED',
  });
  return () => [];
}

function compileCsvLayout(config: Reader): CsvLayout {
  const location = config.requiredText('CSVHeaderLocation');
  const delimiter = DELIMITERS[config.text('CSVDelimiter') ?? 'COMMA'];
  if (delimiter === undefined) config.report(`Expected one of ${Object.keys(DELIMITERS).join(', ')}`, { field: 'CSVDelimiter' });
  if (location && location !== 'GIVEN' && location !== 'FIRST_ROW') config.report("Expected 'FIRST_ROW' or 'GIVEN'", { field: 'CSVHeaderLocation' });
  if (location === 'GIVEN' && !config.has('CSVHeaders')) config.report('These fields are required: [CSVHeaders]');
  return { headers: location === 'GIVEN' ? config.texts('CSVHeaders') : undefined, delimiter: delimiter ?? ',' };
}

/** Where the items are. */
interface Place {
  readonly bucket: string;
  /** A key, or a prefix to list. */
  readonly key: string;
}

function placeOf(parameters: Evaluate, frame: Frame): Place {
  const value = parameters({ input: frame.effectiveInput(), context: () => frame.context() });
  const { Bucket: bucket, Key: key, Prefix: prefix } = isObject(value) ? value : {};
  if (typeof bucket !== 'string') throw new StateRuntimeError('The ItemReader needs the name of a bucket.');
  return { bucket, key: String(key ?? prefix ?? '') };
}

async function readObject(frame: Frame, { bucket, key }: Place, parse: (text: string) => readonly Json[]): Promise<readonly Json[]> {
  const { body } = await frame.run.host.objects.get(bucket, key);
  return parse(new TextDecoder().decode(body));
}

async function listObjects(frame: Frame, { bucket, key: prefix }: Place): Promise<readonly Json[]> {
  const items: Json[] = [];
  for await (const { key, etag, size, lastModified } of frame.run.host.objects.list(bucket, prefix)) {
    items.push({ Etag: `"${etag}"`, Key: key, LastModified: Math.floor(lastModified / 1000), Size: size, StorageClass: 'STANDARD' });
  }
  return items;
}
