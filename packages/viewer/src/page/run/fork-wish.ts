import type { ForkBody, ForkPlan } from '@statebag/contracts/schemas/fork-request';
import { countText, moneyText, plural } from '../format.ts';

/** What a fork is to be, as the form has it. */
export interface ForkWish {
  /** The edited workflow; null for that of the run. */
  readonly file: { readonly name: string; readonly text: string } | null;
  /** A node, or nothing. */
  readonly at: string;
  /** Fields to set, a JSON object, or nothing. */
  readonly set: string;
}

/** @throws Error that says which part is not JSON */
export function bodyOf({ file, at, set }: ForkWish): ForkBody {
  return {
    ...(file && { workflow: objectIn(file.name, file.text) as ForkBody['workflow'] & object }), // its schema is checked there
    ...(at !== '' && { at: at as ForkBody['at'] & string }), // an id of the definition
    ...(set.trim() !== '' && { set: objectIn('fields to set', set) as ForkBody['set'] & object }), // JSON
  };
}

function objectIn(what: string, text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const yaml = /\.ya?ml$/.test(what) ? '; a workflow in YAML is forked by the command' : '';
    throw new Error(`${what} is not JSON (${error instanceof Error ? error.message : String(error)})${yaml}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new Error(`${what} is not a JSON object`);
}

/** The words of the command that does the same. */
export function wordsOf(run: string, { file, at, set }: ForkWish): string[] {
  return [
    'fork',
    run,
    ...(file ? ['--workflow', file.name] : []),
    ...(at === '' ? [] : ['--at', at]),
    ...settings(set).flatMap(([field, value]) => ['--set', `${field}=${JSON.stringify(value)}`]),
  ];
}

/** Nothing of what is not complete yet. */
function settings(text: string): [string, unknown][] {
  try {
    return Object.entries(objectIn('', text));
  } catch {
    return [];
  }
}

/** A kind of nodes of the plan, and what they cost in the run. */
export interface PlanRow {
  readonly what: string;
  readonly nodes: readonly string[];
  readonly cost: string;
}

const ROWS = [
  ['repeats', 'Repeats', 'in the run'],
  ['depends', 'May repeat', 'at most, where what they are given has changed'],
  ['first', 'Runs first', ''],
  ['taken over', 'Takes over', 'that are not paid for again'],
] as const;

/** What a fork does again and what it takes over, as rows of a table. */
export function planRows({ nodes, usage }: ForkPlan): PlanRow[] {
  const usages = {
    repeats: usage.repeats,
    depends: usage.depends_at_most,
    'taken over': usage.taken_over,
    first: null,
  };
  return ROWS.flatMap(([fate, what, when]) => {
    const of = nodes.filter((node) => node.fate === fate).map(({ node_id }) => node_id);
    const used = usages[fate];
    const cost =
      used === null || used.llm_calls === 0
        ? ''
        : `${countText(used.llm_calls)} model ${used.llm_calls === 1 ? 'call' : 'calls'}, ${moneyText(used.cost_nano_usd)} ${when}`;
    return of.length === 0 ? [] : [{ what, nodes: of, cost }];
  });
}

/** What is asked before the fork begins. */
export function sureText({ shared_results, nodes }: ForkPlan): string {
  const again = nodes.filter(({ fate }) => fate !== 'taken over').length;
  return `It shares ${plural(shared_results, 'result')} and runs ${plural(again, 'node')} again at most.`;
}
