import { type CompiledNode, type Flow, waysFrom } from '@statebag/workflow';
import { type Amounts, NOTHING, priced, sum } from './amounts.ts';
import type { Mode } from './assumptions.ts';
import { amountsOfNode } from './node-amounts.ts';

/** What one way through a flow takes: the cheapest, or the dearest. */
export function amountsOfFlow(flow: Flow, mode: Mode): Amounts {
  const known = new Map<string, Amounts>();
  const from = (id: string): Amounts => {
    const node: CompiledNode | undefined = flow.nodes[id];
    if (!node) return NOTHING;
    const before = known.get(id);
    if (before) return before;
    const amounts = sum([amountsOfNode(node, mode), chosen(waysFrom(flow, node).map(from), mode)]);
    known.set(id, amounts);
    return amounts;
  };
  return from(flow.entry);
}

/** Of several ways the one that the mode asks for; a usual run is taken to go the dearest. */
export function chosen(ways: readonly Amounts[], mode: Mode): Amounts {
  const sorted = [...ways].sort((left, right) => weightOf(left) - weightOf(right));
  return (mode === 'least' ? sorted[0] : sorted.at(-1)) ?? NOTHING;
}

/** Ways of equal price are told apart by their tokens: the mock's are free. */
function weightOf(amounts: Amounts): number {
  return priced(amounts).total + (amounts.input_tokens + amounts.output_tokens) * 1e-12;
}
