import type { JsonObject } from '@statebag/contracts';

export const SEGMENTS = 20;
export const FIELDS = 20;
const BRANCHES = 5;

/** Each call reads two fields of the state and writes one of its own. */
export function workflow(): JsonObject {
  const fields = Object.keys(state(1));
  const calls = Array.from({ length: SEGMENTS }, (_, index): JsonObject => {
    const read = [fields[index % FIELDS] ?? '', fields[(index + 7) % FIELDS] ?? ''].map(
      (field) => `{{ $substring(${field}, 0, 40) }}`,
    );
    return {
      id: `call${index}`,
      type: 'llm_chat',
      output_key: `answer${index}`,
      config: { prompt: `${read.join(' ')}?` },
    };
  });
  const branch = (_: unknown, index: number): JsonObject => ({
    id: `b${index}`,
    nodes: [
      {
        id: `part${index}`,
        type: 'data_transform',
        output_key: `part${index}`,
        config: { transform: `{% $length(${fields[index]}) %}` },
      },
    ],
  });
  const group: JsonObject = {
    id: 'group',
    type: 'parallel_group',
    config: { branches: Array.from({ length: BRANCHES }, branch) },
  };
  return { name: 'generations', options: { llm_per_segment: 1 }, nodes: [...calls, group] };
}

/** Texts that do not compress to nothing. */
export function state(bytes: number): JsonObject {
  const text = (seed: number) =>
    Array.from({ length: bytes / 8 + 1 }, (_, index) =>
      ((index * 2_654_435_761 + seed * 40_503) >>> 0).toString(36).padStart(7, '0'),
    ).join(' ');
  return Object.fromEntries(
    Array.from({ length: FIELDS }, (_, index) => [
      `field${String(index).padStart(2, '0')}`,
      text(index).slice(0, bytes),
    ]),
  );
}
