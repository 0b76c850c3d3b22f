import type { CallPage, CallView } from '@statebag/contracts/schemas/api';
import { ask } from '../ask.ts';
import { plural } from '../format.ts';

/** What one turn of a node asked: the answer, and the attempts before it that failed. */
export interface Call {
  readonly key: string;
  readonly place: Place;
  readonly answered: CallView | null;
  readonly failed: readonly CallView[];
}

/** Where a call was made: paths of numbers. */
export interface Place {
  readonly branch: string;
  readonly turn: string;
  readonly item: string;
}

export interface Calls {
  readonly calls: readonly Call[];
  /** Records that were looked at, of all nodes. */
  readonly read: number;
  /** Where to look further. */
  readonly next: string | null;
}

/** As many calls as somebody looks through; there may be more. */
const ENOUGH = 100;
const MOST_PAGES = 5;

/** Calls of a node, in the order of branches, turns and items; `before` is what was found already. */
export async function readCalls(run: string, node: string, before: Calls = NONE): Promise<Calls> {
  const views = before.calls.flatMap(({ answered, failed }) => [...failed, ...(answered ? [answered] : [])]);
  let { read, next } = before;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const more: string = next === null ? '' : `&next=${encodeURIComponent(next)}`;
    const page: CallPage = await ask(
      `/api/runs/${encodeURIComponent(run)}/calls?node=${encodeURIComponent(node)}${more}`,
    );
    views.push(...page.calls);
    read += page.read;
    next = page.next;
    if (next === null || views.length >= before.calls.length + ENOUGH) break;
  }
  return { calls: callsOf(views), read, next };
}

const NONE: Calls = { calls: [], read: 0, next: null };

/** Records and failed attempts, put together and in order. */
export function callsOf(views: readonly CallView[]): Call[] {
  const calls = [...Map.groupBy(views, ({ key }): string => key)].map(([key, each]): Call => {
    const { branch_path = '', loop = '', item = '' } = each.find(({ place }) => place !== null)?.place ?? {};
    return {
      key,
      place: { branch: branch_path, turn: loop, item },
      answered: each.find(({ status }) => status === 'ANSWERED') ?? null,
      failed: each.filter(({ status }) => status === 'FAILED'),
    };
  });
  return calls.sort((left, right) => inOrder(pathOf(left.place), pathOf(right.place)));
}

function pathOf({ branch, turn, item }: Place): number[][] {
  return [branch, turn, item].map((path) => path.split('.').map(Number));
}

function inOrder(left: readonly number[][], right: readonly number[][]): number {
  for (const [index, path] of left.entries())
    for (const [depth, step] of path.entries()) {
      const other = right[index]?.[depth] ?? -1;
      if (step !== other) return step - other;
    }
  return 0;
}

/** Where a call was made, in words that count from 1; empty for a node that asks once. */
export function placeText({ branch, turn, item }: Place): string {
  const count = (path: string) => path.split('.').map((each) => Number(each) + 1);
  return [
    ...(branch === '' ? [] : [`branch ${count(branch).join('.')}`]),
    ...(turn === '' ? [] : [`turn ${count(turn).join('.')}`]),
    ...(item === '' ? [] : [`item ${count(item).join('.')}`]),
  ].join(', ');
}

/** The call that an address names, else the first that failed, else the first. */
export function chosenCall(calls: readonly Call[], query: URLSearchParams): Call | undefined {
  const [item, turn] = [query.get('item'), query.get('turn')];
  const named = calls.find(
    ({ place }) => (item === null || place.item === item) && (turn === null || place.turn === turn),
  );
  if (item !== null || turn !== null) return named;
  return calls.find(({ answered }) => answered === null) ?? calls[0];
}

/** The members of an address that name a call. */
export function queryOf({ place: { item, turn } }: Call): { item: string | null; turn: string | null } {
  return { item: item === '' ? null : item, turn: turn === '' ? null : turn };
}

/** Answers of a model that did not obey the schema of their node, oldest first. */
export function refusedBefore({ answered }: Call): readonly string[] {
  const refused = memberOf(answered?.result, 'refused');
  return Array.isArray(refused) ? refused.filter((each) => typeof each === 'string') : [];
}

/** What came back: of a model the answer alone. */
export function answerOf({ result }: CallView): unknown {
  const answer = memberOf(result, 'answer');
  return answer === undefined ? result : answer;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object(value)[name] : undefined;
}

/**
 * Whether a call was made once and then read from the ledger, by segment runs that began after it was
 * recorded.
 */
export function ledgerText(call: Call, begun: readonly string[]): string {
  const { answered } = call;
  if (!answered) return 'No answer was recorded.';
  const later = begun.filter((at) => at > answered.at).length;
  return later === 0
    ? 'Called once and recorded.'
    : `Recorded; ${plural(later, 'later run')} of its segment took the answer from the ledger.`;
}
