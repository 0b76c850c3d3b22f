import { budgetOfWorkflow } from '@statebag/budget';
import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { readText as readDocumentText } from '@statebag/workflow';
import { UsageError } from '../exit.ts';
import { loadJson, readText } from '../run/load-files.ts';
import { loadWorkflow } from '../run/load-workflow.ts';
import type { Budgeted } from './budgeted.ts';

/** The budget of a workflow file, with the schemas that were given for what its nodes store. */
export async function workflowBudget(path: string, schemas: readonly string[]): Promise<Budgeted> {
  const compiled = await loadWorkflow(path);
  const text = await readText(path);
  const document = readDocumentText(text, path);
  const value = document.ok && isJsonObject(document.value) ? document.value : {};
  const { input, ...answers } = Object.fromEntries(await Promise.all(schemas.map(readSchema)));
  refuseUnknown(Object.keys(answers), JSON.stringify(value), path);
  const state = stateSchema(value);
  const budget = budgetOfWorkflow(compiled, { answers, ...(input && { input }), ...(state && { state }) });
  const locate = (at: string) => {
    const place = document.ok ? wayTo(value, nodeIn(at), []) : null;
    return (place && document.ok ? document.locate(place)?.line : undefined) ?? 1;
  };
  return { budget, file: path, lineOf: locate };
}

function stateSchema({ state }: JsonObject): JsonObject | undefined {
  const schema = isJsonObject(state ?? null) ? (state as JsonObject)['schema'] : undefined; // an object, as was just seen
  return schema !== undefined && isJsonObject(schema) ? schema : undefined;
}

async function readSchema(given: string): Promise<readonly [string, JsonObject]> {
  const [, name, file] = /^([^=]+)=(.+)$/.exec(given) ?? [];
  if (name === undefined || file === undefined)
    throw new UsageError(
      `--schema ${given}: not a name and a file\n  mend: write <node>=<file>, or input=<file>`,
    );
  const schema = await loadJson(file);
  if (isJsonObject(schema)) return [name, schema];
  throw new UsageError(
    `${file}: not a JSON Schema\n  mend: give an object, such as { "type": "string", "maxLength": 200 }`,
  );
}

/** Ids of nodes in files that are used begin with the use. */
function refuseUnknown(names: readonly string[], document: string, path: string): void {
  for (const name of names) {
    const [first = name] = name.split('.');
    if (!document.includes(JSON.stringify(first)))
      throw new UsageError(
        `--schema ${name}=…: ${path} has no node ${name}\n  mend: statebag plan ${path} shows the ids`,
      );
  }
}

/** `s01-draft · draft` names a segment and a node. */
const nodeIn = (at: string): string => at.split(' · ').at(-1) ?? at;

/** Whose value a loose end is, where the run brings it. */
const INPUT = 'input';

type Way = readonly (string | number)[];

/** Where the node of an id stands in the document; one of a file where the file is used. `input` is the first input node. */
function wayTo(value: Json, id: string, way: Way): Way | null {
  if (isJsonObject(value) && (value['id'] === id || (id === INPUT && value['type'] === INPUT))) return way;
  const members: readonly (readonly [string | number, Json | undefined])[] = Array.isArray(value)
    ? [...value.entries()]
    : isJsonObject(value)
      ? Object.entries(value)
      : [];
  for (const [step, member] of members) {
    const found = wayTo(member ?? null, id, [...way, step]);
    if (found) return found;
  }
  const [use, ...rest] = id.split('.');
  return way.length === 0 && use !== undefined && rest.length > 0 ? wayTo(value, use, way) : null;
}
