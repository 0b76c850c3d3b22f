import { gunzipSync } from 'node:zlib';
import { isJsonObject, type JsonObject } from '@statebag/contracts';
import { isDefinition, readHistory } from '@statebag/doctor';
import { UsageError } from '../exit.ts';
import { readBytes, readText } from '../run/load-files.ts';
import type { Looked } from './looked.ts';

/** A file with a definition, a history, or both; `definition` is that of a history without one. */
export async function readFileToLook(path: string, definition: string | undefined): Promise<Looked> {
  const text = path.endsWith('.gz') ? gunzipSync(await readBytes(path)).toString() : await readText(path);
  const file = parsed(text, path);
  if (isDefinition(file))
    return { name: path, uri: path, text, patient: { definition: file, now: Date.now() } };
  const events = readHistory(file);
  if (!events)
    throw new UsageError(
      `${path}: neither a definition (StartAt, States) nor a history (events)
  mend: aws stepfunctions get-execution-history --execution-arn <arn> > history.json, or give the ARN itself`,
    );
  const beside = isJsonObject(file) && isDefinition(file['definition']) ? file['definition'] : undefined;
  const given = definition === undefined ? beside : await readDefinition(definition);
  return {
    name: path,
    uri: definition ?? path,
    text: given === undefined ? '' : JSON.stringify(given, null, 2),
    startedAt: events[0]?.at ?? 0,
    patient: { definition: given, events, now: Date.now() },
  };
}

async function readDefinition(path: string): Promise<JsonObject> {
  const definition = parsed(await readText(path), path);
  if (isDefinition(definition)) return definition;
  throw new UsageError(`${path}: not a definition\n  mend: give the Amazon States Language of the machine`);
}

function parsed(text: string, path: string) {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `${path}: not valid JSON: ${reason}\n  mend: correct the file; a definition in YAML has to be converted first`,
    );
  }
}
