import type { JsonObject } from '@statebag/contracts';
import { transform } from './deployed-app.ts';

const question = (id: string, about: string): JsonObject => ({
  id,
  type: 'llm_chat',
  output_key: id,
  config: { prompt: `Tell me about {{ ${about} }}.` },
});

/**
 * Every kind of Lambda call that a plain run makes: first bag, segments, a group with a branch of several
 * segments and one of a single one, joins, a person, a worker, a map.
 */
export const FAULT_WORKFLOW: JsonObject = {
  name: 'faults',
  options: { llm_per_segment: 1 },
  initial_state: { subject: 'bags' },
  nodes: [
    question('opening', 'subject'),
    {
      id: 'group',
      type: 'parallel_group',
      config: {
        branches: [
          { id: 'long', nodes: [question('left', 'opening'), question('further', 'left')] },
          { id: 'short', nodes: [transform('right', '{% $uppercase(subject) %}')] },
        ],
      },
    },
    {
      id: 'consent',
      type: 'human_approval',
      output_key: 'consent',
      config: { message: 'Go on with {{ further }}?' },
    },
    { ...question('slow', 'further'), config: { prompt: 'Think about {{ further }}.', async: true } },
    {
      id: 'many',
      type: 'for_each',
      output_key: 'many',
      config: {
        distributed: 'map_reduce',
        items: '{% [1..5] %}',
        body: { nodes: [transform('doubled', '{% $item * 2 %}')] },
      },
    },
    transform('closing', '{% further & right & slow & consent.choice & $sum(many) %}'),
  ],
};
