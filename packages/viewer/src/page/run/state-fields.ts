import type { StateField, StateView } from '@statebag/contracts/schemas/api';
import { ask } from '../ask.ts';

/** The state of a run at a place, or as it is now. */
export function readState(run: string, at: string | null): Promise<StateView> {
  return ask<StateView>(
    `/api/runs/${encodeURIComponent(run)}/state${at === null ? '' : `?at=${encodeURIComponent(at)}`}`,
  );
}

/** One field with its value, however large it is. */
export async function readField(run: string, at: string | null, name: string): Promise<StateField> {
  const place = at === null ? '' : `&at=${encodeURIComponent(at)}`;
  const { fields } = await ask<StateView>(
    `/api/runs/${encodeURIComponent(run)}/state?field=${encodeURIComponent(name)}${place}`,
  );
  const [field] = fields;
  if (!field) throw new Error(`the state has no field ${name}`);
  return field;
}

export interface FieldChange {
  readonly field: StateField;
  readonly change: 'added' | 'changed' | 'gone' | 'same';
  readonly before: StateField | undefined;
}

/** Fields after a segment beside those before it, what changed first. */
export function changesOf(before: readonly StateField[], after: readonly StateField[]): FieldChange[] {
  const old = new Map(before.map((field) => [field.name, field]));
  const names = new Set(after.map(({ name }) => name));
  const changes: FieldChange[] = [
    ...after.map((field): FieldChange => {
      const known = old.get(field.name);
      return {
        field,
        before: known,
        change: known === undefined ? 'added' : isSame(known, field) ? 'same' : 'changed',
      };
    }),
    ...before
      .filter(({ name }) => !names.has(name))
      .map((field): FieldChange => ({ field, before: field, change: 'gone' })),
  ];
  return changes.sort((left, right) => Number(left.change === 'same') - Number(right.change === 'same'));
}

function isSame(left: StateField, right: StateField): boolean {
  if (left.bytes !== right.bytes) return false;
  if ('value' in left !== 'value' in right) return false;
  return JSON.stringify(left.value) === JSON.stringify(right.value);
}
