import { equal } from 'node:assert/strict';
import { ask, chain, outputs, type Scenario, transform } from '../scenario.ts';

const TURNS = 30;

export const scenario: Scenario = {
  about: 'a state that grows with every segment never hits the wall',
  async play(world) {
    const grow = transform('log', `$append(log, [{ 'turn': n, 'text': $pad('', 20000, 'x') }])`);
    const body = {
      nodes: [ask('note', 'Turn {{ n }}: what now?'), transform('n', 'n + 1'), grow],
      edges: [
        { from: 'note', to: 'n' },
        { from: 'n', to: 'log' },
      ],
    };
    const loop = {
      id: 'again',
      type: 'loop',
      config: { max_iterations: TURNS, until: `{% n = ${TURNS} %}`, body },
    };
    const workflow = chain(
      'growth',
      [loop, transform('size', '$length($string(log))'), outputs('size', 'n')],
      {
        initial_state: { n: 0, log: [] },
        options: { llm_per_segment: 1 },
      },
    );
    const run = await world.played(workflow);
    equal(run.status, 'SUCCEEDED');
    equal(run.output?.['n'], TURNS);
    equal(Number(run.output?.['size']) > TURNS * 20_000, true);
  },
};
