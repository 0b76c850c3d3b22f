import { ApiError, type Journal, type JsonActions } from '../ports.ts';
import { openParameterStore, type Parameter, type ParameterStore } from './parameter-store.ts';

type Input = Record<string, unknown>;

export interface Ssm {
  readonly actions: JsonActions;
  /** Sets a parameter unless it exists. */
  provide(name: string, value: string): Promise<void>;
}

interface SsmContext {
  readonly store: ParameterStore;
  readonly journal: Journal;
  arnOf(name: string): string;
}

const MAX_VALUE_BYTES = 8192;

/** SSM's parameter store. */
export function openSsm({ journal, now, arnOf }: { journal: Journal; now: () => number; arnOf: (name: string) => string }): Ssm {
  const store = openParameterStore(journal, now);
  return {
    actions: createSsmActions({ store, journal, arnOf }),
    provide: async (name, value) => {
      if (store.find(name) === undefined) store.put(name, value, 'String');
      await journal.flush();
    },
  };
}

function createSsmActions(context: SsmContext): JsonActions {
  const { store, arnOf } = context;
  const describe = (parameter: Parameter): object => describeParameter(parameter, arnOf);
  return {
    PutParameter: (input) => putParameter(input, context),
    DeleteParameter: (input) => deleteParameter(input, context),
    DeleteParameters: (input) => deleteParameters(input, context),
    GetParameter: async (input) => ({ Parameter: describe(requireParameter(requireText(input, 'Name'), store)) }),
    GetParametersByPath: async (input) => ({ Parameters: belowPath(store.all(), input).map(describe) }),
    GetParameterHistory: async (input) => ({ Parameters: store.history(requireText(input, 'Name')).map(describe) }),
    GetParameters: async (input) => {
      const found = texts(input, 'Names').map((name) => ({ name, parameter: store.find(name) }));
      return {
        Parameters: found.flatMap(({ parameter }) => (parameter === undefined ? [] : [describe(parameter)])),
        InvalidParameters: found.filter(({ parameter }) => parameter === undefined).map(({ name }) => name),
      };
    },
  };
}

async function putParameter(input: Input, { store, journal }: SsmContext): Promise<object> {
  const [name, value] = [requireText(input, 'Name'), requireText(input, 'Value')];
  if (Buffer.byteLength(value) > MAX_VALUE_BYTES) throw new ApiError('ValidationException', `a parameter holds at most ${MAX_VALUE_BYTES} bytes`);
  const current = store.find(name);
  if (current !== undefined && input['Overwrite'] !== true) {
    throw new ApiError('ParameterAlreadyExists', 'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.');
  }
  const version = store.put(name, value, typeof input['Type'] === 'string' ? input['Type'] : (current?.type ?? 'String'));
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

function requireParameter(selector: string, store: ParameterStore): Parameter {
  const parameter = store.find(selector);
  if (parameter === undefined) throw new ApiError('ParameterNotFound', `Parameter ${selector} not found.`);
  return parameter;
}

function describeParameter({ name, version, type, value, modified_at }: Parameter, arnOf: (name: string) => string): object {
  return { Name: name, Type: type, Value: value, Version: version, LastModifiedDate: modified_at / 1000, ARN: arnOf(name), DataType: 'text' };
}

function belowPath(parameters: readonly Parameter[], input: Input): Parameter[] {
  const path = requireText(input, 'Path').replace(/\/?$/, '/');
  const direct = (name: string): boolean => input['Recursive'] === true || !name.slice(path.length).includes('/');
  return parameters.filter(({ name }) => name.startsWith(path) && direct(name));
}

function requireText(input: Input, name: string): string {
  const value = input[name];
  if (typeof value !== 'string' || value === '') throw new ApiError('ValidationException', `${name} is missing`);
  return value;
}

function texts(input: Input, name: string): string[] {
  const value = input[name];
  return Array.isArray(value) ? value.map(String) : [];
}
