import type { JsonObject } from '@statebag/contracts';

export function transform(id: string, text: string, output_key = id): JsonObject {
  return { id, type: 'data_transform', output_key, config: { transform: text } };
}

/** So many model calls, one after the other. */
export function calls(count: number, options: JsonObject): JsonObject {
  const nodes = Array.from(
    { length: count },
    (_, index): JsonObject => ({
      id: `n${index}`,
      type: 'llm_chat',
      output_key: `answer${index}`,
      config: { prompt: `question ${index}` },
    }),
  );
  return { name: 'calls', options, nodes };
}

/** A group of branches with one node each. */
export function branches(count: number): JsonObject {
  const branch = (_: unknown, index: number): JsonObject => ({
    id: `b${index}`,
    nodes: [transform(`part${index}`, `{% ${index} %}`)],
  });
  const config = { branches: Array.from({ length: count }, branch) };
  return { name: 'group', nodes: [{ id: 'group', type: 'parallel_group', config }] };
}

/** Fields `f0`, `f1`, … of so many characters each, which do not compress to nothing. */
export function textFields(count: number, size: number): JsonObject {
  const text = (seed: number) =>
    Array.from({ length: size / 8 + 1 }, (_, index) =>
      ((index * 2_654_435_761 + seed * 40_503) >>> 0).toString(36).padStart(7, '0'),
    )
      .join(' ')
      .slice(0, size);
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, text(index)]));
}
