import type { JsonObject } from '@statebag/contracts';

/** Documents whose plans lie in `golden/`, by file name. */
export const GOLDEN: Readonly<Record<string, JsonObject>> = {
  sequence: workflow([transform('a'), transform('b'), transform('c')]),
  'shared-by-time': workflow([llm('a', 50_000), llm('b', 50_000), llm('c', 50_000)]),
  'one-call-a-segment': {
    ...workflow([llm('a'), transform('b'), llm('c'), llm('d')]),
    options: { llm_per_segment: 1 },
  },
  'conditional-diamond': workflow(
    [
      transform('start'),
      when('choose', 'left', 'right'),
      llm('left', 90_000),
      transform('right'),
      transform('meet'),
    ],
    ['start choose', 'left meet', 'right meet'],
  ),
  'parallel-diamond': workflow(
    [transform('start'), llm('left'), llm('right'), transform('meet')],
    ['start left', 'start right', 'left meet', 'right meet'],
  ),
  'nested-parallel': workflow(
    [
      transform('start'),
      transform('a'),
      transform('a1'),
      llm('a2'),
      transform('a3'),
      llm('b'),
      transform('meet'),
    ],
    ['start a', 'start b', 'a a1', 'a a2', 'a1 a3', 'a2 a3', 'a3 meet', 'b meet'],
  ),
  loop: workflow([
    transform('start'),
    {
      id: 'again',
      type: 'loop',
      config: {
        body: { nodes: [llm('think'), transform('judge')] },
        until: '{% judge_out = true %}',
        max_iterations: 6,
      },
    },
    transform('done'),
  ]),
  'loop-with-approval': workflow([
    transform('start'),
    {
      id: 'revise',
      type: 'loop',
      config: {
        body: {
          nodes: [
            llm('draft'),
            { id: 'review', type: 'human_approval', output_key: 'verdict', config: { message: 'Good?' } },
            transform('note'),
          ],
        },
        until: "{% verdict.choice = 'approve' %}",
        max_iterations: 6,
      },
    },
    transform('done'),
  ]),
  'group-in-loop-in-branch': workflow([
    group('sides', [
      {
        id: 'left',
        nodes: [
          {
            id: 'again',
            type: 'loop',
            config: {
              body: {
                nodes: [
                  group('pair', [
                    { nodes: [transform('a')] },
                    { nodes: [llm('b'), { id: 'rest', type: 'wait', config: { seconds: 5 } }] },
                  ]),
                ],
              },
              until: '{% a_out = b_out %}',
              max_iterations: 10,
            },
          },
        ],
      },
      { id: 'right', nodes: [transform('c')] },
    ]),
    transform('end'),
  ]),
  'approval-edge': {
    ...workflow([transform('draft'), transform('publish'), transform('after')]),
    edges: [
      { from: 'draft', to: 'publish', type: 'hitp' },
      { from: 'publish', to: 'after' },
    ],
  },
  'single-branch-group': workflow([
    transform('start'),
    group('only', [{ nodes: [transform('a'), transform('b')] }]),
    transform('end'),
  ]),
  'optional-branch': workflow([
    group('both', [
      { id: 'sure', nodes: [transform('a')] },
      {
        id: 'maybe',
        optional: true,
        nodes: [llm('b'), { id: 'rest', type: 'wait', config: { seconds: 5 } }, transform('c')],
      },
    ]),
    transform('end'),
  ]),
  'branch-that-ends-early': workflow(
    [transform('start'), when('check', 'more', 'meet'), llm('more'), transform('other'), transform('meet')],
    ['start check', 'start other', 'more meet', 'other meet'],
  ),
  'straight-to-the-meeting-point': workflow(
    [transform('start'), transform('step'), transform('meet')],
    ['start step', 'start meet', 'step meet'],
  ),
  subgraph: workflow(
    [
      when('choose', 'inner', 'other'),
      {
        id: 'inner',
        type: 'subgraph',
        config: {
          body: {
            nodes: [
              transform('x'),
              { id: 'deeper', type: 'subgraph', config: { body: { nodes: [transform('y')] } } },
            ],
          },
        },
      },
      transform('other'),
      transform('end'),
    ],
    ['inner end', 'other end'],
  ),
};

function workflow(nodes: readonly JsonObject[], edges?: readonly string[]): JsonObject {
  const written = edges?.map((edge) => edge.split(' ')).map(([from = '', to = '']) => ({ from, to }));
  return {
    name: 'golden',
    version: '1',
    initial_state: { input: 1 },
    nodes,
    ...(written && { edges: written }),
  };
}

function transform(id: string): JsonObject {
  return { id, type: 'data_transform', output_key: `${id}_out`, config: { transform: '{% input %}' } };
}

function llm(id: string, expected_ms?: number): JsonObject {
  return {
    id,
    type: 'llm_chat',
    output_key: `${id}_out`,
    config: { prompt: 'About {{ input }}', ...(expected_ms !== undefined && { expected_ms }) },
  };
}

function when(id: string, to: string, otherwise: string): JsonObject {
  return {
    id,
    type: 'conditional',
    config: { cases: [{ when: '{% input > 0 %}', to }], default: otherwise },
  };
}

function group(id: string, branches: readonly JsonObject[]): JsonObject {
  return { id, type: 'parallel_group', config: { branches } };
}
