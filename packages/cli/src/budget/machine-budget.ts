import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { budgetOfMachine, seenIn } from '@statebag/budget';
import { isJsonObject, type JsonObject } from '@statebag/contracts';
import { type HistoryEvent, isDefinition, readHistory, stateLines } from '@statebag/doctor';
import { UsageError } from '../exit.ts';
import { loadJson, readBytes, readText } from '../run/load-files.ts';
import type { Budgeted } from './budgeted.ts';

/** Where the data of a machine are described: a folder of schemas, past executions, or both. */
export interface MachineSources {
  readonly schemas: string | undefined;
  readonly histories: readonly string[];
}

/** The definition in a file, where it holds one. */
export async function definitionIn(path: string): Promise<JsonObject | undefined> {
  if (!path.endsWith('.json')) return undefined;
  const file = await loadJson(path);
  return isDefinition(file) ? file : undefined;
}

/** The budget of any machine, from schemas or from past executions. */
export async function machineBudget(
  path: string,
  definition: JsonObject,
  { schemas, histories }: MachineSources,
): Promise<Budgeted> {
  const events = await Promise.all(histories.map(historyOf));
  const budget = budgetOfMachine(definition, {
    name: basename(path),
    ...(schemas !== undefined && { schemas: await schemasIn(schemas) }),
    ...(events.length > 0 && { seen: seenIn(events) }),
  });
  const lines = stateLines(await readText(path));
  return { budget, file: path, lineOf: (at) => lines.get(at.split(' · ')[0] ?? at) ?? 1 };
}

/** `input.json`, and one file for each state that was given one. */
async function schemasIn(folder: string): Promise<Readonly<Record<string, JsonObject>>> {
  const names = await namesIn(folder);
  const read = names.map(async (name): Promise<[string, JsonObject]> => {
    const schema = await loadJson(join(folder, name));
    if (isJsonObject(schema)) return [basename(name, '.json'), schema];
    throw new UsageError(`${join(folder, name)}: not a JSON Schema\n  mend: give an object`);
  });
  return Object.fromEntries(await Promise.all(read));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.json'));
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(
      `--schemas ${folder}: cannot be read (${reason})\n  mend: give a folder with input.json and <state>.json`,
    );
  }
}

async function historyOf(path: string): Promise<readonly HistoryEvent[]> {
  const bytes = await readBytes(path);
  const text = path.endsWith('.gz') ? gunzipSync(bytes).toString() : new TextDecoder().decode(bytes);
  const events = readHistory(parsed(text, path));
  if (events) return events;
  throw new UsageError(
    `${path}: no history\n  mend: aws stepfunctions get-execution-history --execution-arn <arn> > history.json`,
  );
}

function parsed(text: string, path: string) {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${path}: not valid JSON: ${reason}\n  mend: correct the file`);
  }
}
