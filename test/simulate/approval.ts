import type { JsonObject } from '@statebag/contracts';
import { chain, inputs, outputs, transform } from './scenario.ts';

/** Asks whether an amount is to be paid, and says what was decided. */
export function approval(name: string, config: JsonObject = {}): JsonObject {
  const question = {
    id: 'decision',
    type: 'human_approval',
    output_key: 'decision',
    config: { message: 'Pay {{ amount }}?', ...config },
  };
  return chain(name, [
    inputs('amount'),
    question,
    transform('paid', "decision.choice & ': ' & amount"),
    outputs('paid'),
  ]);
}
