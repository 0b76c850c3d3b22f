import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { isJsonObject, type JsonObject } from '@statebag/contracts';
import { UsageError } from '../exit.ts';

/** A file's text; `-` is standard input. */
export async function readText(path: string): Promise<string> {
  if (path === '-') return text(process.stdin);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path}: cannot be read (${reasonOf(error)})\n  mend: check the path and its permissions`);
  }
}

/** Any JSON of a file; `-` is standard input. */
export async function loadJson(path: string): Promise<unknown> {
  return parseJson(await readText(path), path);
}

/** The input of a run: one JSON object. Without a path it is empty. */
export async function loadInput(path: string | undefined): Promise<JsonObject> {
  if (path === undefined) return {};
  const input = parseJson(await readText(path), path);
  if (isJsonObject(input)) return input;
  throw new UsageError(`${path}: $: the input is not a JSON object\n  mend: wrap it: { "items": … }`);
}

function parseJson(source: string, path: string): unknown {
  try {
    return JSON.parse(source);
  } catch (error) {
    throw new UsageError(
      `${path}: not valid JSON: ${error instanceof Error ? error.message : String(error)}\n  mend: correct the file; a JSON formatter shows the place`,
    );
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
