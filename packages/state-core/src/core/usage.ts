import type { Usage } from '@statebag/contracts/schemas/history';

export const NO_USAGE: Usage = { llm_calls: 0, input_tokens: 0, output_tokens: 0, cost_nano_usd: 0 };

/** Sums in whole units, so the order of summing does not matter. */
export function addUsage(left: Usage, right: Usage): Usage {
  return {
    llm_calls: left.llm_calls + right.llm_calls,
    input_tokens: left.input_tokens + right.input_tokens,
    output_tokens: left.output_tokens + right.output_tokens,
    cost_nano_usd: left.cost_nano_usd + right.cost_nano_usd,
  };
}
