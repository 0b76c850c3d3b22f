import { deepEqual, equal } from 'node:assert/strict';
import { ask, chain, outputs, type Scenario, transform } from '../scenario.ts';

/**
 * More segments than the events of one execution allow: 12 events a segment, 20,000 before a run goes on in a
 * new one.
 */
const TURNS = 1_750;

export const scenario: Scenario = {
  about: 'a run of more events than an execution may have goes on in a new one, and is one run to its owner',
  local: true,
  async play(world) {
    const body = {
      nodes: [ask('note', '{{ n }}?'), transform('n', 'n + 1')],
      edges: [{ from: 'note', to: 'n' }],
    };
    const loop = {
      id: 'again',
      type: 'loop',
      config: { max_iterations: TURNS, until: `{% n = ${TURNS} %}`, body },
    };
    const run = await world.played(
      chain('long', [loop, outputs('n')], { initial_state: { n: 0 }, options: { llm_per_segment: 1 } }),
    );
    equal(run.status, 'SUCCEEDED');
    deepEqual(run.output, { n: TURNS });
    const { body: listed } = await world.call<{ runs: { execution_id: string }[] }>('GET /runs?limit=100');
    equal(listed.runs.filter(({ execution_id }) => execution_id === run.execution_id).length, 1);
  },
};
