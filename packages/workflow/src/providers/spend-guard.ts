import { StatebagError } from '@statebag/contracts';
import type { ExecutionId, NodeId, OwnerId } from '@statebag/contracts/ids';
import type { ModelCall, SpendLimit, SpendLimits } from '@statebag/contracts/schemas/model-call';
import { LIST_PRICES, type PriceList } from './prices.ts';

/** Money in billionths of a dollar, and tokens of question and answer together. */
export interface Spent {
  readonly nano_usd: number;
  readonly tokens: number;
}

export const NOTHING_SPENT: Spent = { nano_usd: 0, tokens: 0 };

/**
 * What a run, or one node of it, has spent: one account. The run's own has the name ''. Or what runs of an
 * owner have spent together: under a budget that they name, or on one day.
 */
export type SpendAccount =
  | { readonly execution_id: ExecutionId; readonly account: string }
  | { readonly owner_id: OwnerId; readonly account: `budget#${string}` | `day#${string}` };

/** The accounts by what they are of: what holds a limit and what tells of it look at the same ones. */
export const SPEND_ACCOUNTS = {
  run: (execution_id: ExecutionId): SpendAccount => ({ execution_id, account: '' }),
  node: (execution_id: ExecutionId, node: string): SpendAccount => ({ execution_id, account: node }),
  budget: (owner_id: OwnerId, name: string): SpendAccount => ({ owner_id, account: `budget#${name}` }),
  /** `day` is a date of UTC: 2026-01-31. */
  day: (owner_id: OwnerId, day: string): SpendAccount => ({ owner_id, account: `day#${day}` }),
};

/**
 * Where all functions of a run count together what it spends, so that branches and workers side by side
 * cannot spend the same dollar.
 */
export interface SpendBook {
  /** Adds the amount, unless more than `most` would stand there then: gives what stands there instead. */
  reserve(place: SpendAccount, amount: Spent, most: Spent): Promise<Spent | 'reserved'>;
  /** Adds a difference, which may be less than nothing. */
  correct(place: SpendAccount, difference: Spent): Promise<void>;
}

/** A book of this process: enough where one process makes all calls of a run. */
export function bookInMemory(): SpendBook {
  const accounts = new Map<string, Spent>();
  const nameOf = (place: SpendAccount) =>
    'owner_id' in place
      ? `owner#${place.owner_id}#${place.account}`
      : `run#${place.execution_id}#${place.account}`;
  const add = (name: string, amount: Spent) =>
    accounts.set(name, sumOf(accounts.get(name) ?? NOTHING_SPENT, amount));
  return {
    async reserve(place, amount, most) {
      const stands = accounts.get(nameOf(place)) ?? NOTHING_SPENT;
      if (!fits(sumOf(stands, amount), most)) return stands;
      add(nameOf(place), amount);
      return 'reserved';
    },
    correct: async (place, difference) => void add(nameOf(place), difference),
  };
}

/**
 * Sets aside what a call may come to, and gives what takes note of the amount that it came to.
 * @throws `Run.CostExceeded`
 */
export type Spend = (question: Question) => Promise<(spent: Spent) => Promise<void>>;

/** What holds a node to the limits of its workflow. */
export interface Spending {
  /** Asked before a question to a model; null where nothing limits what the node spends. */
  readonly spend: Spend | null;
  /** For whoever asks in its place. */
  readonly limits: SpendLimits | undefined;
  readonly prices?: PriceList | undefined;
}

/** What a node may spend; null where nothing limits it. */
export type SpendOf = (node: NodeId) => Spend | null;

/** What all runs of one owner may spend together on one day, and who it is. */
export interface OwnersDay {
  readonly owner_id: OwnerId;
  readonly limit?: SpendLimit | undefined;
}

/** Whose limits they are, and where is counted. */
interface Guarded {
  readonly execution_id: ExecutionId;
  readonly limits: SpendLimits | undefined;
  readonly book: SpendBook;
  /** Without it neither a day nor a budget that runs share limits anything. */
  readonly owner?: OwnersDay | undefined;
  /** Milliseconds since 1970: days are those of UTC. */
  readonly clock?: () => number;
  readonly prices?: PriceList | undefined;
}

/** The limits of a workflow, and of its owner, held before every call of its nodes. */
export function spendOf(guarded: Guarded): SpendOf {
  const { book, prices = LIST_PRICES } = guarded;
  const correct = (those: readonly Account[], difference: Spent) =>
    Promise.all(those.map(({ place }) => book.correct(place, difference)));
  return (node) => {
    if (accountsOf(guarded, node).length === 0) return null;
    return async (question) => {
      const accounts = accountsOf(guarded, node); // those of the day on which it is asked
      const most = mostOf(question, accounts, prices);
      const reserved: Account[] = [];
      for (const each of accounts) {
        const stands = await book.reserve(each.place, most, amountOf(each.limit));
        if (stands === 'reserved') reserved.push(each);
        else {
          await correct(reserved, lessOf(most));
          throw exceeded(each, { stands, most });
        }
      }
      return async (spent) => void (await correct(accounts, sumOf(spent, lessOf(most))));
    };
  };
}

interface Account {
  readonly place: SpendAccount;
  readonly limit: SpendLimit;
  readonly whose: string;
}

/** The nearest first: what it says tells most. */
function accountsOf({ execution_id, limits, owner, clock = Date.now }: Guarded, node: NodeId): Account[] {
  const { run, nodes, budget } = limits ?? {};
  const own = nodes?.[node];
  const today = new Date(clock()).toISOString().slice(0, 10);
  const { run: ofRun, node: ofNode, budget: ofBudget, day: ofDay } = SPEND_ACCOUNTS;
  return [
    ...(run ? [{ place: ofRun(execution_id), limit: run, whose: 'the run' }] : []),
    ...(own ? [{ place: ofNode(execution_id, node), limit: own, whose: 'all its calls together' }] : []),
    ...(owner && budget
      ? [{ place: ofBudget(owner.owner_id, budget.name), limit: budget, whose: `the budget ${budget.name}` }]
      : []),
    ...(owner?.limit
      ? [{ place: ofDay(owner.owner_id, today), limit: owner.limit, whose: `the day ${today} of the owner` }]
      : []),
  ];
}

function exceeded(
  { limit, whose }: Account,
  { stands, most }: { readonly stands: Spent; readonly most: Spent },
): StatebagError {
  const allowed = amountOf(limit);
  const overMoney = stands.nano_usd + most.nano_usd > allowed.nano_usd;
  const said = overMoney
    ? `${dollars(stands.nano_usd)} are spent or set aside, the call may take ${dollars(most.nano_usd)}, and max_cost_usd is ${dollars(allowed.nano_usd)}`
    : `${stands.tokens} tokens are used or set aside, the call may take ${most.tokens}, and max_tokens is ${allowed.tokens}`;
  return new StatebagError('Run.CostExceeded', `${whose}: ${said}; the model was not asked`, {
    details: { spent_nano_usd: stands.nano_usd, spent_tokens: stands.tokens },
  });
}

const NANO = 1_000_000_000;

function dollars(nano_usd: number): string {
  return `$${Number((nano_usd / NANO).toPrecision(4))}`;
}

function amountOf({ max_cost_usd, max_tokens }: SpendLimit): Spent {
  return {
    nano_usd: max_cost_usd === undefined ? Number.MAX_SAFE_INTEGER : Math.round(max_cost_usd * NANO),
    tokens: max_tokens ?? Number.MAX_SAFE_INTEGER,
  };
}

function fits({ nano_usd, tokens }: Spent, most: Spent): boolean {
  return nano_usd <= most.nano_usd && tokens <= most.tokens;
}

function sumOf(left: Spent, right: Spent): Spent {
  return { nano_usd: left.nano_usd + right.nano_usd, tokens: left.tokens + right.tokens };
}

function lessOf({ nano_usd, tokens }: Spent): Spent {
  return { nano_usd: -nano_usd, tokens: -tokens };
}

/** The longest answer that is asked for where a limit stands and the node has no `max_tokens`. */
export const GUARDED_ANSWER_TOKENS = 4_096;
/** A token of ordinary text has about four bytes: this is on the safe side for other scripts and for JSON. */
const BYTES_PER_TOKEN = 2;
/** A page of a document has some 50 to 100 KB and up to 3,000 tokens. */
const FILE_BYTES_PER_TOKEN = 32;

/** What decides how much a call may take. */
export type Question = Pick<
  ModelCall,
  'provider' | 'model' | 'prompt' | 'system' | 'earlier' | 'files' | 'max_tokens'
>;

/**
 * What one call may come to: its question by its bytes, and the longest answer.
 * @throws `Run.CostExceeded` where money is limited and the model has no price
 */
function mostOf(call: Question, accounts: readonly Account[], prices: PriceList): Spent {
  const { provider, model, max_tokens = GUARDED_ANSWER_TOKENS } = call;
  const countsMoney = accounts.some(({ limit }) => limit.max_cost_usd !== undefined);
  if (countsMoney && provider !== 'mock' && !prices.isPriced(model))
    throw new StatebagError(
      'Run.CostExceeded',
      `the model ${model} has no price (docs/prices.md), so max_cost_usd cannot be held; limit max_tokens instead, or give it a price in the configuration`,
    );
  const input_tokens = inputTokens(call);
  return {
    nano_usd: prices.costOf(model, { input_tokens, output_tokens: max_tokens }),
    tokens: input_tokens + max_tokens,
  };
}

function inputTokens({ system = '', earlier = [], prompt, files = [] }: Question): number {
  const text = [system, ...earlier.map(({ content }) => content), prompt].join('');
  const bytesOfFiles = files.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN) + Math.ceil(bytesOfFiles / FILE_BYTES_PER_TOKEN)
  );
}
