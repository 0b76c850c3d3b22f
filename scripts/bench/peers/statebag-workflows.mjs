// The work as workflows of Statebag.
import { STEPS } from './work.mjs';

const EACH = Array.from({ length: STEPS }, (_, index) => index);
const OUTPUT = { id: 'result', type: 'output', config: { fields: EACH.map((index) => `f${index + 10}`) } };

/** `steps`: ten transforms in one segment. `calls`: ten segments, each with a recorded call of a model. */
export function workflowOf(work, provider) {
  if (work !== 'calls') return { name: 'bench', nodes: [...EACH.map(transform), OUTPUT] };
  const nodes = EACH.flatMap((index) => [call(index, provider), transform(index)]);
  return { name: 'bench-calls', nodes: [...nodes, OUTPUT], options: { llm_per_segment: 1 } };
}

function transform(index) {
  const config = { transform: `{% $substring(f${index}, 1) & $substring(f${index}, 0, 1) %}` };
  return { id: `s${index}`, type: 'data_transform', output_key: `f${index + 10}`, config };
}

function call(index, provider) {
  const config = { provider, model: 'bench', prompt: `{{ f${index} }}`, expected_ms: 100 };
  return { id: `c${index}`, type: 'llm_chat', output_key: `c${index}`, config };
}
