import type { JsonObject } from '@statebag/contracts';
import type { LocalWorld, World } from './world.ts';

/** One thing that can happen to a run, and what must come of it. */
export interface Scenario {
  /** The claim, as it is reported. */
  readonly about: string;
  /** Needs what only a cloud on this machine allows: faults, a model that misbehaves, time that passes. */
  readonly local?: true;
  /** Plays it; throws where a value or an order is not as it must be. */
  play(world: World): Promise<void>;
}

/** @throws on a stage: the scenario was marked wrongly */
export function localOf({ local }: World): LocalWorld {
  if (!local) throw new Error('this scenario needs a local cloud');
  return local;
}

export function transform(id: string, expression: string): JsonObject {
  return { id, type: 'data_transform', output_key: id, config: { transform: `{% ${expression} %}` } };
}

export function ask(id: string, prompt: string, config: JsonObject = {}): JsonObject {
  return { id, type: 'llm_chat', output_key: id, config: { prompt, ...config } };
}

export function inputs(...fields: string[]): JsonObject {
  return { id: 'in', type: 'input', config: { fields } };
}

export function outputs(...fields: string[]): JsonObject {
  return { id: 'out', type: 'output', config: { fields } };
}

/** Nodes one after the other. */
export function chain(name: string, nodes: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  const edges = nodes.slice(1).map(({ id = '' }, index) => ({ from: nodes[index]?.['id'] ?? '', to: id }));
  return { name, version: '1', nodes: [...nodes], edges, ...more };
}
