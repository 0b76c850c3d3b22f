import { pipeline, Readable } from 'node:stream';
import { isStatebagError, type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import { elementsOf, linesOf } from '@statebag/state-core/store/read-pieces';
import { parse } from 'csv-parse';

type Body = AsyncIterable<Uint8Array>;

/** How items are read, by the ending of an upload's name. */
const READERS: Readonly<Record<string, (body: Body) => AsyncIterable<Json>>> = {
  json: (body) => parsed(elementsOf(body)),
  jsonl: (body) => parsed(linesOf(body)),
  ndjson: (body) => parsed(linesOf(body)),
  csv: rowsOf,
};

/**
 * The items that an upload holds, one by one. @throws `Node.Failed` where its content is not what its name
 * says
 */
export async function* itemsOfUpload(name: string, body: Body): AsyncGenerator<Json> {
  const ending = /\.([a-z]+)$/.exec(name.toLowerCase())?.[1] ?? '';
  const read = Object.hasOwn(READERS, ending) ? READERS[ending] : undefined;
  if (!read)
    throw new StatebagError(
      'Node.Failed',
      `the upload ${name} has none of the endings .${Object.keys(READERS).join(', .')}`,
    );
  let count = 0;
  try {
    for await (const item of read(body)) {
      yield item;
      count += 1;
    }
  } catch (error) {
    if (isStatebagError(error)) throw error;
    throw new StatebagError(
      'Node.Failed',
      `the upload ${name} cannot be read after ${count} items: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}

async function* parsed(texts: AsyncIterable<string>): AsyncGenerator<Json> {
  for await (const text of texts) yield JSON.parse(text);
}

/**
 * An object a row, by the names in the first: a column that a row lacks is empty, one too many is dropped.
 */
async function* rowsOf(body: Body): AsyncGenerator<JsonObject> {
  const rows = parse({
    bom: true,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
  pipeline(Readable.from(body), rows, () => undefined); // what fails is thrown to whoever reads the rows
  let names: readonly string[] | null = null;
  for await (const row of rows as AsyncIterable<string[]>) {
    if (names === null) names = distinct(row);
    else yield Object.fromEntries(names.map((name, index) => [name, row[index] ?? '']));
  }
}

function distinct(names: readonly string[]): readonly string[] {
  if (new Set(names).size === names.length) return names;
  throw new SyntaxError('two columns have the same name');
}
