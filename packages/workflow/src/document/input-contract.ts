import { isJsonObject, type JsonObject } from '@statebag/contracts';
import type { InputContract } from '@statebag/contracts/schemas/manifest';
import { nearestName } from '../expressions/nearest-name.ts';
import { isScopedField } from '../nodes/field-scope.ts';
import { type DeclaredInput, declaredInput } from '../nodes/markers.ts';
import { checkBounded } from '../providers/bounded-check.ts';
import type { Workflow } from './workflow.ts';

/** What is wrong with an input, or strange, and how to correct it. */
export interface InputProblem {
  /** As `$.topic`. */
  readonly path: string;
  readonly message: string;
  readonly mend: string;
}

/** Problems refuse a start, remarks do not. */
export interface CheckedInput {
  readonly problems: readonly InputProblem[];
  readonly remarks: readonly InputProblem[];
}

/**
 * What a workflow may be started with. Its `input` nodes say so; without one, what its nodes read is known.
 * `read` is null where a node may read any field.
 */
export function inputContractOf(workflow: Workflow, read: readonly string[] | null): InputContract {
  const inputs = inputsOf(workflow);
  const names = inputs.flatMap(({ fields }) => fields);
  const begins = Object.keys(workflow.initial_state);
  const required = inputs.flatMap((each) => each.required).filter((field) => !begins.includes(field));
  const readable = read?.filter((field) => !isScopedField(field)) ?? null;
  const known = inputs.length > 0 ? names : readable;
  return {
    known: known === null ? null : sorted([...known, ...begins, ...workflow.fields]),
    required: sorted(required),
    schemas: inputs.flatMap(({ schema }) => (schema === undefined ? [] : [schema])),
  };
}

/** What the `input` nodes of a workflow say; those of files that it uses speak to the use. */
export function inputsOf({ nodes }: Pick<Workflow, 'nodes'>): readonly DeclaredInput[] {
  return nodes
    .filter(({ use, type }) => use === undefined && type === 'input')
    .map(({ config }) => declaredInput(config)); // the rules of the node type hold
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

/**
 * Holds an input against what a workflow may be started with. A definition that was published before
 * workflows said so takes any.
 */
export async function checkInput(
  contract: InputContract | undefined,
  input: JsonObject,
  initialState: JsonObject,
): Promise<CheckedInput> {
  if (contract === undefined) return { problems: [], remarks: [] };
  const { known, required, schemas } = contract;
  const missing = required.filter((field) => !Object.hasOwn(input, field));
  const unfit = await Promise.all(schemas.map((schema) => unfitFor(schema, input, initialState)));
  return {
    problems: [...missing.map((field) => missingField(field, input, known)), ...unfit.flat()],
    remarks: remarksOn(input, known, missing),
  };
}

function missingField(field: string, input: JsonObject, known: InputContract['known']): InputProblem {
  const strangers = Object.keys(input).filter((key) => known !== null && !known.includes(key));
  const written = nearestName(field, strangers);
  return {
    path: `$.${field}`,
    message: `the workflow needs ${JSON.stringify(field)}, and the input does not bring it`,
    mend:
      written === undefined
        ? `add ${JSON.stringify(field)}, or name it under \`optional\` in the input node`
        : `write ${JSON.stringify(field)} instead of ${JSON.stringify(written)}`,
  };
}

/** What is missing is told once: the schema would say it as well. */
async function unfitFor(
  schema: JsonObject,
  input: JsonObject,
  initialState: JsonObject,
): Promise<readonly InputProblem[]> {
  const properties = isJsonObject(schema['properties'] ?? null)
    ? Object.keys(schema['properties'] ?? {})
    : [];
  const begun = Object.entries(initialState).filter(([field]) => properties.includes(field));
  const whole = { ...Object.fromEntries(begun), ...input };
  const { required, ...shape } = schema;
  const checked = await checkBounded(
    JSON.stringify(whole),
    required === undefined ? schema : shape,
    'checking the input against the schema of the input node',
  );
  if (checked.ok) return [];
  const [place = '#', ...why] = checked.complaint.split(': ');
  const path = place.replace(/^#/, '$').replaceAll('/', '.');
  return [
    { path, message: why.join(': '), mend: 'correct the value; the schema of the input node says what fits' },
  ];
}

function remarksOn(
  input: JsonObject,
  known: InputContract['known'],
  missing: readonly string[],
): readonly InputProblem[] {
  if (known === null) return [];
  return Object.keys(input)
    .filter((key) => !known.includes(key) && nearestName(key, missing) === undefined)
    .map((key) => {
      const near = nearestName(key, known);
      return {
        path: `$.${key}`,
        message: `the workflow does not know the field ${JSON.stringify(key)}`,
        mend:
          near === undefined
            ? `it takes ${known.join(', ') || 'no input'}`
            : `the nearest is ${JSON.stringify(near)}`,
      };
    });
}
