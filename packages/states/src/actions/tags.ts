import { apiErrors } from '../engine/api-errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { JsonActions } from '../ports/services.ts';
import { Request } from './request.ts';

type Tags = Readonly<Record<string, string>>;

/** Tags of state machines and activities. */
export function tagActions(engine: Engine): JsonActions {
  const change = async (
    input: Record<string, unknown>,
    edit: (tags: Tags, request: Request) => Tags,
  ): Promise<object> => {
    const request = new Request(input);
    const { tags, save } = tagged(engine, request);
    engine.write(() => save(edit(tags, request)));
    return {};
  };
  return {
    TagResource: (input) => change(input, (tags, request) => ({ ...tags, ...readTags(request) })),
    UntagResource: (input) =>
      change(input, (tags, request) =>
        Object.fromEntries(Object.entries(tags).filter(([key]) => !request.list('tagKeys').includes(key))),
      ),
    async ListTagsForResource(input) {
      const { tags } = tagged(engine, new Request(input));
      return { tags: Object.entries(tags).map(([key, value]) => ({ key, value })) };
    },
  };
}

/** Reads a list of `{ key, value }`. */
export function readTags(request: Request): Record<string, string> {
  const entries = request.list('tags').map((tag) => new Request({ ...(typeof tag === 'object' ? tag : {}) }));
  return Object.fromEntries(entries.map((tag) => [tag.requiredText('key'), tag.text('value') ?? '']));
}

function tagged(engine: Engine, request: Request): { tags: Tags; save: (tags: Tags) => void } {
  const arn = request.requiredText('resourceArn');
  const machine = engine.machines.byArn(arn);
  if (machine) return { tags: machine.tags, save: (tags) => engine.machines.save({ ...machine, tags }) };
  const activity = engine.activityStore.byArn(arn);
  if (activity)
    return { tags: activity.tags, save: (tags) => engine.activityStore.save({ ...activity, tags }) };
  throw apiErrors.noResource(arn);
}
