import { createHash } from 'node:crypto';
import { ApiError } from '@statebag/states';
import {
  type CheckedWrite,
  checkWrite,
  type DynaliteAnswer,
  type DynaliteStore,
  readNote,
  runAction,
  writeNote,
} from './dynalite-store.ts';

type Input = Readonly<Record<string, unknown>>;

/** What undoes one write. */
interface Undo {
  readonly action: 'PutItem' | 'DeleteItem';
  readonly input: Input;
}

/** The parts of a transaction, and the action that each is like. */
const PARTS = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'DeleteItem',
} as const;
type Part = keyof typeof PARTS;

const MOST_PARTS = 100;
const TOKENS_KEPT = 1_000;
/** Where the store keeps what undoes the transaction that is under way. */
const UNDO_NOTE = 'undo';

export interface Transactions {
  /** Undoes what a killed process had done of a transaction. */
  recover(): Promise<void>;
  write(input: object): Promise<DynaliteAnswer>;
  read(input: object): Promise<DynaliteAnswer>;
}

/** Transactions over a store that has none. Nothing else may happen in the store while one of them runs. */
export function openTransactions(store: DynaliteStore): Transactions {
  const tokens = new Map<string, string>();
  const undo = async (steps: readonly Undo[]): Promise<void> => {
    for (const { action, input } of steps) await done(store, action, input);
    await writeNote(store, UNDO_NOTE, []);
  };
  return {
    recover: async () => undo((await readNote<Undo>(store, UNDO_NOTE)) ?? []),
    async write(input) {
      const { TransactItems: items, ClientRequestToken: token } = { ...input } as Input; // an object
      const parts = partsOf(items);
      const print = createHash('sha256').update(JSON.stringify(items)).digest('hex');
      const known = typeof token === 'string' ? tokens.get(token) : undefined;
      if (known === print) return OK;
      if (known !== undefined)
        return refusal('IdempotentParameterMismatchException', 'The request uses a token of another request');
      const checks: CheckedWrite[] = [];
      for (const { part, fields } of parts) checks.push(await checkWrite(store, PARTS[part], { ...fields }));
      const problem = problemOf(checks, parts);
      if (problem) return problem;
      await apply(store, parts, checks, undo);
      if (typeof token === 'string') remember(tokens, token, print);
      return OK;
    },
    async read(input) {
      const { TransactItems: items } = { ...input } as Input; // an object
      const gets = listOf(items).map((item) => ({ ...Object(Reflect.get(Object(item), 'Get')) }) as Input);
      const responses: object[] = [];
      for (const get of gets) {
        const answer = await runAction(store, 'GetItem', { ...get, ConsistentRead: true });
        if (answer.status !== 200) return answer;
        responses.push(Object(answer.output));
      }
      return { status: 200, output: { Responses: responses } };
    },
  };
}

const OK: DynaliteAnswer = { status: 200, output: {} };

interface WritePart {
  readonly part: Part;
  readonly fields: Input;
}

function listOf(items: unknown): readonly unknown[] {
  const list: readonly unknown[] = Array.isArray(items) ? items : [];
  if (list.length >= 1 && list.length <= MOST_PARTS) return list;
  throw new ApiError(
    'ValidationException',
    `1 validation error detected: Value '${list.length}' at 'transactItems' failed to satisfy constraint: Member must have length from 1 to ${MOST_PARTS}`,
  );
}

function partsOf(items: unknown): readonly WritePart[] {
  return listOf(items).map((item) => {
    const members = Object.entries(Object(item) as Input); // each of them is looked at
    const [part, fields] = members[0] ?? [];
    if (members.length !== 1 || part === undefined || !isPart(part))
      throw new ApiError(
        'ValidationException',
        'TransactItems can only contain one of Check, Put, Update or Delete',
      );
    return { part, fields: { ...Object(fields) } };
  });
}

function isPart(name: string): name is Part {
  return Object.hasOwn(PARTS, name);
}

/** Why the transaction is not made: a part that is none, an item that stands in it twice, or a condition. */
function problemOf(checks: readonly CheckedWrite[], parts: readonly WritePart[]): DynaliteAnswer | undefined {
  const invalid = checks.find((check) => check.refused && !isConditional(check.refused));
  if (invalid?.refused) return invalid.refused;
  const places = checks.map(({ place }) => place);
  if (new Set(places).size < places.length)
    return refusal(
      'ValidationException',
      'Transaction request cannot include multiple operations on one item',
    );
  if (checks.every(({ refused }) => !refused)) return undefined;
  const reasons = checks.map(({ refused, old }, index) => {
    if (!refused) return { Code: 'None' };
    const wantsItem = parts[index]?.fields['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD';
    const item = wantsItem && old ? { Item: old } : {};
    return { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', ...item };
  });
  const codes = reasons.map(({ Code }) => Code).join(', ');
  return refusal(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons: reasons },
  );
}

function isConditional({ output }: DynaliteAnswer): boolean {
  return String(Reflect.get(Object(output), '__type')).endsWith('ConditionalCheckFailedException');
}

/** Makes the writes. The way back is written down before the first of them, and taken where one fails. */
async function apply(
  store: DynaliteStore,
  parts: readonly WritePart[],
  checks: readonly CheckedWrite[],
  undo: (steps: readonly Undo[]) => Promise<void>,
): Promise<void> {
  const writes = parts.flatMap(({ part, fields }, index) => {
    const check = checks[index];
    return part === 'ConditionCheck' || !check ? [] : [{ action: PARTS[part], fields, check }];
  });
  const back = writes.map(({ fields, check }): Undo => {
    const { TableName } = fields;
    return check.old
      ? { action: 'PutItem', input: { TableName, Item: check.old } }
      : { action: 'DeleteItem', input: { TableName, Key: check.key } };
  });
  await writeNote(store, UNDO_NOTE, back);
  try {
    for (const { action, fields } of writes) {
      const { ReturnValuesOnConditionCheckFailure: _, ...known } = fields;
      await done(store, action, known);
    }
  } catch (error) {
    await undo(back);
    throw error;
  }
  await writeNote(store, UNDO_NOTE, []);
}

/** Runs an action that has been checked; whatever still refuses it is thrown. */
async function done(store: DynaliteStore, action: string, input: Input): Promise<void> {
  const { status, output } = await runAction(store, action, { ...input });
  if (status === 200) return;
  const text = (name: string): string => String(Reflect.get(Object(output), name) ?? '');
  throw new ApiError(text('__type').split('#').at(-1) ?? '', text('message'), { status });
}

function refusal(code: string, message: string, fields: object = {}): DynaliteAnswer {
  return { status: 400, output: { __type: `com.amazonaws.dynamodb.v20120810#${code}`, message, ...fields } };
}

function remember(tokens: Map<string, string>, token: string, print: string): void {
  if (tokens.size >= TOKENS_KEPT) tokens.clear();
  tokens.set(token, print);
}
