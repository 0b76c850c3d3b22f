import type { QueryInput, QueryValue } from '../gateway/query-service.ts';
import { invalid } from './errors.ts';
import type { GivenParameter } from './parameters.ts';
import type { Tag } from './stack.ts';

/** A member that has to be a text. */
export function requireText(input: QueryInput, name: string): string {
  const value = textOf(input, name);
  if (value !== undefined) return value;
  throw invalid(
    `1 validation error detected: Value null at '${name.charAt(0).toLowerCase()}${name.slice(1)}' failed to satisfy constraint: Member must not be null`,
  );
}

/** A member that is a text; an empty one is none. */
export function textOf(input: QueryInput, name: string): string | undefined {
  const value = input[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function parametersOf(input: QueryInput): GivenParameter[] {
  return structures(input['Parameters']).map((each) => ({
    name: requireText(each, 'ParameterKey'),
    ...(typeof each['ParameterValue'] === 'string' && { value: each['ParameterValue'] }),
    usePrevious: each['UsePreviousValue'] === 'true',
  }));
}

export function tagsOf(input: QueryInput): Tag[] | undefined {
  if (!Array.isArray(input['Tags'])) return undefined;
  return structures(input['Tags']).map((each) => ({
    key: requireText(each, 'Key'),
    value: typeof each['Value'] === 'string' ? each['Value'] : '',
  }));
}

export function textsOf(input: QueryInput, name: string): string[] {
  const value = input[name];
  return isList(value) ? value.filter((each) => typeof each === 'string') : [];
}

function structures(value: QueryValue | undefined): QueryInput[] {
  return isList(value) ? value.filter(isStructure) : [];
}

function isStructure(value: QueryValue): value is QueryInput {
  return typeof value === 'object' && !isList(value);
}

function isList(value: QueryValue | undefined): value is readonly QueryValue[] {
  return Array.isArray(value);
}
