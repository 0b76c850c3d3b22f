import { ApiError, type Journal, type JsonActions } from '@statebag/states';
import { openParameterStore, type Parameter, type ParameterStore } from './parameter-store.ts';

type Input = Record<string, unknown>;

export interface Ssm {
  readonly actions: JsonActions;
  /** Sets a parameter unless it exists. */
  provide(name: string, value: string): Promise<void>;
  /** The value of a parameter, also of one of its versions (`name:3`). */
  find(selector: string): string | undefined;
}

/**
 * Parameters whose values stay with whoever has them, and out of the journal. Null for a name that is not
 * theirs; for one that is, and has no value, `missing` says where it is looked for.
 */
export type HeldParameters = (
  name: string,
) => { readonly value: string } | { readonly missing: string } | null;

interface SsmContext {
  readonly store: ParameterStore;
  readonly held: HeldParameters;
  readonly journal: Journal;
  arnOf(name: string): string;
}

const MAX_VALUE_BYTES = 8192;

/** SSM's parameter store. */
export function openSsm({
  journal,
  held,
  now,
  arnOf,
}: {
  journal: Journal;
  held: HeldParameters;
  now: () => number;
  arnOf: (name: string) => string;
}): Ssm {
  const store = openParameterStore(journal, now);
  return {
    actions: createSsmActions({ store, held, journal, arnOf }),
    find: (selector) => {
      const outside = held(selector);
      if (outside === null) return store.find(selector)?.value;
      return 'value' in outside ? outside.value : undefined;
    },
    provide: async (name, value) => {
      if (store.find(name) === undefined) store.put(name, value, 'String');
      await journal.flush();
    },
  };
}

function createSsmActions(context: SsmContext): JsonActions {
  const { store, held, arnOf } = context;
  const describe = (parameter: Parameter): object => describeParameter(parameter, arnOf);
  return {
    PutParameter: (input) => putParameter(input, context),
    DeleteParameter: (input) => deleteParameter(input, context),
    DeleteParameters: (input) => deleteParameters(input, context),
    GetParameter: async (input) => ({
      Parameter: describe(
        heldParameter(requireText(input, 'Name'), held) ??
          requireParameter(requireText(input, 'Name'), store),
      ),
    }),
    GetParametersByPath: async (input) => ({ Parameters: belowPath(store.all(), input).map(describe) }),
    GetParameterHistory: async (input) => ({
      Parameters: store.history(requireText(input, 'Name')).map(describe),
    }),
    GetParameters: async (input) => {
      const found = texts(input, 'Names').map((name) => ({
        name,
        parameter: heldParameter(name, held) ?? store.find(name),
      }));
      return {
        Parameters: found.flatMap(({ parameter }) => (parameter === undefined ? [] : [describe(parameter)])),
        InvalidParameters: found.filter(({ parameter }) => parameter === undefined).map(({ name }) => name),
      };
    },
  };
}

async function putParameter(input: Input, { store, held, journal }: SsmContext): Promise<object> {
  const [name, value] = [requireText(input, 'Name'), requireText(input, 'Value')];
  if (held(name) !== null)
    throw new ApiError(
      'ValidationException',
      `${name} is held outside of this cloud and is not written down`,
    );
  if (Buffer.byteLength(value) > MAX_VALUE_BYTES)
    throw new ApiError('ValidationException', `a parameter holds at most ${MAX_VALUE_BYTES} bytes`);
  const current = store.find(name);
  if (current !== undefined && input['Overwrite'] !== true) {
    throw new ApiError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  }
  const version = store.put(
    name,
    value,
    typeof input['Type'] === 'string' ? input['Type'] : (current?.type ?? 'String'),
  );
  await journal.flush();
  return { Version: version, Tier: 'Standard' };
}

async function deleteParameter(input: Input, { store, journal }: SsmContext): Promise<object> {
  const name = requireText(input, 'Name');
  requireParameter(name, store);
  store.remove(name);
  await journal.flush();
  return {};
}

async function deleteParameters(input: Input, { store, journal }: SsmContext): Promise<object> {
  const names = texts(input, 'Names');
  const deleted = names.filter((name) => store.remove(name));
  await journal.flush();
  return { DeletedParameters: deleted, InvalidParameters: names.filter((name) => !deleted.includes(name)) };
}

/** @throws ParameterNotFound for a name that is held, and has no value */
function heldParameter(name: string, held: HeldParameters): Parameter | undefined {
  const found = held(name);
  if (found === null) return undefined;
  if ('missing' in found) throw new ApiError('ParameterNotFound', found.missing);
  return { name, version: 1, type: 'SecureString', value: found.value, modified_at: 0 };
}

function requireParameter(selector: string, store: ParameterStore): Parameter {
  const parameter = store.find(selector);
  if (parameter === undefined) throw new ApiError('ParameterNotFound', `Parameter ${selector} not found.`);
  return parameter;
}

function describeParameter(
  { name, version, type, value, modified_at }: Parameter,
  arnOf: (name: string) => string,
): object {
  return {
    Name: name,
    Type: type,
    Value: value,
    Version: version,
    LastModifiedDate: modified_at / 1000,
    ARN: arnOf(name),
    DataType: 'text',
  };
}

function belowPath(parameters: readonly Parameter[], input: Input): Parameter[] {
  const path = requireText(input, 'Path').replace(/\/?$/, '/');
  const direct = (name: string): boolean =>
    input['Recursive'] === true || !name.slice(path.length).includes('/');
  return parameters.filter(({ name }) => name.startsWith(path) && direct(name));
}

function requireText(input: Input, name: string): string {
  const value = input[name];
  if (typeof value !== 'string' || value === '')
    throw new ApiError('ValidationException', `${name} is missing`);
  return value;
}

function texts(input: Input, name: string): string[] {
  const value = input[name];
  return Array.isArray(value) ? value.map(String) : [];
}
