import type { JsonActions } from '../../ports.ts';
import { apiErrors } from '../api-errors.ts';
import type { Engine } from '../run/engine.ts';
import type { Machine } from '../store/machine-store.ts';
import { Request } from './request.ts';

/** Tags of state machines. */
export function tagActions(engine: Engine): JsonActions {
  const change = async (input: Record<string, unknown>, edit: (machine: Machine, request: Request) => Machine['tags']): Promise<object> => {
    const request = new Request(input);
    const machine = taggedMachine(engine, request);
    engine.write(() => engine.machines.save({ ...machine, tags: edit(machine, request) }));
    return {};
  };
  return {
    TagResource: (input) => change(input, ({ tags }, request) => ({ ...tags, ...readTags(request) })),
    UntagResource: (input) =>
      change(input, ({ tags }, request) => Object.fromEntries(Object.entries(tags).filter(([key]) => !request.list('tagKeys').includes(key)))),
    async ListTagsForResource(input) {
      const { tags } = taggedMachine(engine, new Request(input));
      return { tags: Object.entries(tags).map(([key, value]) => ({ key, value })) };
    },
  };
}

/** Reads a list of `{ key, value }`. */
export function readTags(request: Request): Record<string, string> {
  const entries = request.list('tags').map((tag) => new Request({ ...(typeof tag === 'object' ? tag : {}) }));
  return Object.fromEntries(entries.map((tag) => [tag.requiredText('key'), tag.text('value') ?? '']));
}

function taggedMachine(engine: Engine, request: Request): Machine {
  const arn = request.requiredText('resourceArn');
  const machine = engine.machines.byArn(arn);
  if (!machine) throw apiErrors.noResource(arn);
  return machine;
}
