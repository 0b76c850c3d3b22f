import { isDeepStrictEqual } from 'node:util';
import { isMapping, type Plain } from './document.ts';
import { evaluate, KNOWN_LATER } from './intrinsics.ts';
import { changedNames } from './make-resource.ts';
import { replacing, typedProperties } from './specification.ts';
import type { Change, Stack, StackResource, StackWish } from './stack.ts';
import { type Filled, fill, outputsOf } from './stack-scope.ts';
import type { TemplateResource } from './template.ts';
import { exportsOf, type Workshop } from './workshop.ts';

/** What an operation would change. */
export interface Preview {
  readonly changes: readonly Change[];
  /** True where nothing at all would be different, outputs included. */
  readonly isEmpty: boolean;
}

/** Looks at what a wish would change of a stack, without doing it. @throws where the template is refused */
export function preview(workshop: Workshop, stack: Stack, wish: StackWish): Preview {
  const before = new Map(workshop.store.resources(stack.id).map((each) => [each.logicalId, each]));
  /** Resources whose ids and attributes will be others. */
  const anew = new Set<string>();
  const filled = fillAhead(workshop, { stack, wish }, { before, anew });
  const changes = filled.order.flatMap((id) => changeOf(id, { filled, before, anew }) ?? []);
  const removed = [...before.values()].filter(({ logicalId }) => !filled.order.includes(logicalId));
  const all = [...changes, ...removed.map(removal)];
  const outputs = all.length > 0 ? [] : outputsOf(filled);
  const isEmpty =
    all.length === 0 &&
    isDeepStrictEqual(outputs, stack.outputs) &&
    isDeepStrictEqual(wish.tags, stack.wish.tags);
  return { changes: all, isEmpty };
}

interface Ahead {
  readonly before: ReadonlyMap<string, StackResource>;
  readonly anew: Set<string>;
}

function fillAhead(
  { account, store }: Workshop,
  { stack, wish }: { readonly stack: Stack; readonly wish: StackWish },
  { before, anew }: Ahead,
): Filled {
  const unknown = (id: string): string => `{{${id} ${KNOWN_LATER}`;
  return fill({
    stack,
    text: wish.template,
    parameters: wish.parameters,
    account,
    existing: (id) => {
      const found = anew.has(id) ? undefined : before.get(id);
      return found ?? { physicalId: unknown(id), attributes: anyAttribute(unknown(id)) };
    },
    exported: (name) => exportsOf(store).find((each) => each.name === name)?.value,
  });
}

/** Attributes of what is not made yet: each has a text that nothing else has. */
function anyAttribute(text: string): Readonly<Record<string, Plain>> {
  return new Proxy<Record<string, Plain>>({}, { get: (_, name) => `${text}.${String(name)}` });
}

function changeOf(
  id: string,
  { filled, before, anew }: Ahead & { readonly filled: Filled },
): Change | undefined {
  const declared = filled.template.resources[id];
  if (declared === undefined) return undefined;
  const current = before.get(id);
  if (current === undefined) {
    anew.add(id);
    evaluate(declared.properties, filled.scope); // an unknown attribute is refused before anything is made
    return { action: 'Add', logicalId: id, type: declared.type, properties: [] };
  }
  const changed = changedOf(declared, current, filled);
  const replaces = current.type !== declared.type || replacing(declared.type, changed).length > 0;
  if (replaces) anew.add(id);
  if (changed.length === 0 && !replaces && !policiesChanged(declared, current)) return undefined;
  return {
    action: 'Modify',
    logicalId: id,
    type: declared.type,
    physicalId: current.physicalId,
    replaces,
    properties: changed,
  };
}

function changedOf(declared: TemplateResource, current: StackResource, { scope }: Filled): string[] {
  const properties = evaluate(declared.properties, scope);
  const wanted = isMapping(properties) ? typedProperties(declared.type, properties) : {};
  return changedNames(current.properties, wanted);
}

function policiesChanged(declared: TemplateResource, current: StackResource): boolean {
  return (
    declared.deletionPolicy !== current.deletionPolicy ||
    declared.updateReplacePolicy !== current.updateReplacePolicy
  );
}

function removal({ logicalId, type, physicalId }: StackResource): Change {
  return { action: 'Remove', logicalId, type, physicalId, properties: [] };
}
