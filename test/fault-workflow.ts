import type { JsonObject } from '@statebag/contracts';
import { transform } from './deployed-app.ts';

const question = (id: string, about: string): JsonObject => ({ id, type: 'llm_chat', output_key: id, config: { prompt: `Tell me about {{ ${about} }}.` } });

/** Every kind of Lambda call that a plain run makes: first bag, segments, a group with a branch of several segments and one of a single one, joins. */
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
    transform('closing', '{% further & right %}'),
  ],
};
