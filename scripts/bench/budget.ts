import { budgetOfWorkflow } from '@statebag/budget';
import type { JsonObject } from '@statebag/contracts';
import { compileWorkflow, readDocument } from '@statebag/workflow';
import { atMost, type BenchRow, median } from './bench-row.ts';

const NODES = 500;
/** With the nodes inside of lists, one in each fifth, they are as many. */
const OUTSIDE = 416;
const TIMES = 7;
const LIMIT_MS = 1_000;

/** What it takes to work out the bounds of the largest workflow that there may be. */
export async function suite(): Promise<BenchRow[]> {
  const { workflow, diagnostics } = readDocument(document(), { file: 'five-hundred.json' });
  if (!workflow) throw new Error(JSON.stringify(diagnostics[0]));
  const compiled = compileWorkflow(workflow);
  const millis = Array.from({ length: TIMES }, () => {
    const began = performance.now();
    budgetOfWorkflow(compiled);
    return performance.now() - began;
  });
  const ours = median(millis);
  return [
    {
      ...atMost(LIMIT_MS, {
        figure: `budget of ${NODES} nodes, ${TIMES} times, the median`,
        unit: 'ms',
        ours,
      }),
      note: `the slowest took ${Math.round(Math.max(...millis))} ms`,
    },
  ];
}

const text = (maxLength: number): JsonObject => ({ type: 'string', maxLength });
const closed = (properties: JsonObject): JsonObject => ({
  type: 'object',
  additionalProperties: false,
  properties,
});

/** Model calls, expressions, conditions and lists of 100, each node with a field of its own. */
function document(): JsonObject {
  const nodes = Array.from({ length: OUTSIDE }, (_, index) => nodeAt(index));
  const input = {
    type: 'array',
    maxItems: 20,
    items: closed({ title: text(200), count: { type: 'integer', minimum: 0, maximum: 9 } }),
  };
  const start = { id: 'start', type: 'input', config: { schema: closed({ rows: input, about: text(100) }) } };
  const edges = nodes.flatMap(({ id, type }, index): JsonObject[] =>
    type === 'conditional' || index + 1 === nodes.length ? [] : [{ from: id ?? '', to: `n${index + 1}` }],
  );
  return { name: 'five-hundred', nodes: [start, ...nodes], edges: [{ from: 'start', to: 'n0' }, ...edges] };
}

function nodeAt(index: number): JsonObject {
  const node = { id: `n${index}`, output_key: `f${index}` };
  switch (index < OUTSIDE - 2 ? index % 5 : 1) {
    case 0:
      return {
        ...node,
        type: 'llm_chat',
        config: {
          prompt: '{{ about }}: {{ rows }}',
          max_tokens: 500,
          response_schema: closed({
            short: text(300),
            words: { type: 'array', maxItems: 10, items: text(50) },
          }),
        },
      };
    case 2:
      return {
        ...node,
        type: 'data_transform',
        config: {
          transform: "{% $map(rows, function($row) { { 'title': $row.title, 'next': $row.count + 1 } }) %}",
        },
      };
    case 3:
      return {
        ...node,
        type: 'for_each',
        config: {
          items: '{% rows %}',
          body: {
            nodes: [
              {
                id: `b${index}`,
                type: 'data_transform',
                output_key: 'x',
                config: { transform: '{{ $item.title }}!' },
              },
            ],
          },
        },
      };
    case 4:
      return {
        id: node.id,
        type: 'conditional',
        config: {
          cases: [{ when: '{% $count(rows) > 3 %}', to: `n${index + 1}` }],
          default: `n${index + 2}`,
        },
      };
    default:
      return {
        ...node,
        type: 'data_transform',
        config: { transform: { deep: ['{% rows[0].title %}', "{% $join(rows.title, ',') %}"] } },
      };
  }
}
