import { deepEqual, equal } from 'node:assert/strict';
import { ask, chain, inputs, outputs, type Scenario, transform } from '../scenario.ts';

export const scenario: Scenario = {
  about: 'both generations bring a run to the same output, by the same nodes',
  async play(world) {
    const nodes = [
      inputs('text'),
      ask('summary', 'Summarise this in a sentence, please: {{ text }}'),
      transform('length', '$length(summary)'),
      outputs('summary', 'length'),
    ];
    const workflow = chain('generations', nodes, { options: { llm_per_segment: 1 } });
    const input = {
      text: 'The ship left the harbour before sunrise. Nobody on the quay had seen it arrive.',
    };
    const [legacy, v3] = await Promise.all(
      (['legacy', 'v3'] as const).map((generation) => world.played(workflow, { input, generation })),
    );
    deepEqual(
      [legacy?.status, v3?.status, legacy?.generation, v3?.generation],
      ['SUCCEEDED', 'SUCCEEDED', 'legacy', 'v3'],
    );
    deepEqual(legacy?.output, v3?.output);
    equal((await world.nodes(String(v3?.execution_id))).join(), 'in,summary,length');
  },
};
