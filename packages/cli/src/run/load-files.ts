import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { readText as readStrictly } from '@statebag/workflow';
import { UsageError } from '../exit.ts';

/** A file's text; `-` is standard input. */
export async function readText(path: string): Promise<string> {
  if (path === '-') return decoded(await buffer(process.stdin), 'standard input');
  return decoded(await readBytes(path), path);
}

/** Strictly: in another encoding than UTF-8 characters would be replaced in silence. */
function decoded(bytes: Uint8Array, from: string): string {
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes);
  throw new UsageError(`${from}: is not a text in UTF-8\n  mend: save it in UTF-8`);
}

/** The bytes of a file that somebody named. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new UsageError(
      `${path}: cannot be read (${reasonOf(error)})\n  mend: check the path and its permissions`,
    );
  }
}

/** Any JSON or YAML of a file; `-` is standard input. */
export async function loadJson(path: string): Promise<Json> {
  return parsed(await readText(path), path);
}

/** The input of a run: one object, in JSON or in a `.yaml` file. Without a path it is empty. */
export async function loadInput(path: string | undefined): Promise<JsonObject> {
  if (path === undefined) return {};
  const input = parsed(await readText(path), path);
  if (isJsonObject(input)) return input;
  throw new UsageError(`${path}: $: the input is not a JSON object\n  mend: wrap it: { "items": … }`);
}

const YAML = /\.ya?ml$/;

/** Strictly: what a reader would change or lose in silence (a key that stands twice, 2^53 + 1) is refused. */
function parsed(source: string, path: string): Json {
  const read = readStrictly(source, YAML.test(path) ? path : 'input.json');
  if (read.ok) return read.value;
  const problems = read.problems.map(
    ({ line, column, message, mend = 'correct the file at this place' }) =>
      `${path}:${line}:${column}: ${message}\n  mend: ${mend}`,
  );
  throw new UsageError(problems.join('\n'));
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
