import type { LocalCloud } from '../cloud/local-cloud.ts';
import type { QueryOutput } from '../gateway/query-service.ts';

/** A part of an answer. */
export type Structure = { readonly [name: string]: QueryOutput };

/** Calls an action of CloudFormation. */
export async function act(
  { stacks }: LocalCloud,
  action: string,
  input: Parameters<NonNullable<LocalCloud['stacks'][string]>>[0],
): Promise<Structure> {
  const run = stacks[action];
  if (run === undefined) throw new Error(`there is no action ${action}`);
  const output = await run(input);
  return isStructure(output) ? output : {};
}

export function listIn(value: Structure, name: string): Structure[] {
  const list = value[name];
  return Array.isArray(list) ? list.filter(isStructure) : [];
}

function isStructure(value: unknown): value is Structure {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function text(value: Structure, name: string): string {
  const found = value[name];
  return typeof found === 'string' ? found : '';
}
