import { type CompiledWorkflow, everyNode } from '@statebag/workflow';
import { UsageError } from '../exit.ts';

/** Answers to approvals, given before a run asks: `--decide <node>=<choice>`. */
export interface Decisions {
  readonly none: boolean;
  /** The answer to the next question of a node; undefined where a person has to answer. */
  next(node: string): string | undefined;
}

export const NO_DECISIONS: Decisions = { none: true, next: () => undefined };

/**
 * Reads the rules and holds them against the workflow. Rules of one node answer its questions in order; the
 * last one answers every later question, as a loop asks them. @throws UsageError for a rule that can answer
 * nothing
 */
export function decisionsOf(
  texts: readonly string[],
  { workflow }: Pick<CompiledWorkflow, 'workflow'>,
): Decisions {
  const choices = choicesByNode(workflow);
  const rules = Map.groupBy(
    texts.map((text) => ruleOf(text, choices)),
    ({ node }) => node,
  );
  const asked = new Map<string, number>();
  return {
    none: texts.length === 0,
    next(node) {
      const given = rules.get(node) ?? [];
      const turn = asked.get(node) ?? 0;
      asked.set(node, turn + 1);
      return (given[turn] ?? given.at(-1))?.choice;
    },
  };
}

interface Rule {
  readonly node: string;
  readonly choice: string;
}

const USUAL_CHOICES = ['approve', 'reject'];

/** What can be answered to each node that asks a person. */
function choicesByNode(workflow: CompiledWorkflow['workflow']): ReadonlyMap<string, readonly string[]> {
  const asking = everyNode(workflow).filter(({ type }) => type === 'human_approval');
  return new Map(
    asking.map(({ id, config: { choices } }) => [
      id,
      Array.isArray(choices) ? choices.map(String) : USUAL_CHOICES,
    ]),
  );
}

function ruleOf(text: string, choicesOf: ReadonlyMap<string, readonly string[]>): Rule {
  const [, node = '', choice = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (node === '')
    throw new UsageError(
      `--decide ${text}: not a node and its choice\n  mend: write --decide review=approve`,
    );
  const choices = choicesOf.get(node);
  if (!choices) {
    const nodes = [...choicesOf.keys()].join(', ');
    throw new UsageError(
      `--decide ${text}: no node ${JSON.stringify(node)} asks a person
  mend: ${nodes === '' ? 'leave it out; no node of this workflow does' : `the nodes that do are ${nodes}`}`,
    );
  }
  if (choices.includes(choice)) return { node, choice };
  throw new UsageError(
    `--decide ${text}: ${node} takes no ${JSON.stringify(choice)}\n  mend: its choices are ${choices.join(', ')}`,
  );
}
