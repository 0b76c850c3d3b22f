import { invalid } from './errors.ts';
import { makeResource } from './make-resource.ts';
import { removeOrKeep } from './removal.ts';
import type { Stack, StackResource } from './stack.ts';
import { outputsOf } from './stack-scope.ts';
import { exportsOf, fillStack, mark, messageOf, noteResource, type Workshop } from './workshop.ts';

type Kind = 'CREATE' | 'UPDATE';

/** Makes a stack what it wishes to be, or takes everything back. */
export async function carryOut(workshop: Workshop, stack: Stack, kind: Kind): Promise<void> {
  const underWay = mark(workshop, stack, `${kind}_IN_PROGRESS`, 'User Initiated');
  try {
    const imports: string[] = [];
    const filled = fillStack(workshop, underWay, (name) => imports.push(name));
    for (const [place, id] of filled.order.entries())
      await makeResource(workshop, underWay, { filled, id, place });
    const outputs = outputsOf(filled);
    refuseTakenExports(
      workshop,
      underWay,
      outputs.flatMap(({ exportName = [] }) => exportName),
    );
    await complete(
      workshop,
      { ...underWay, outputs, imports: [...new Set(imports)] },
      { kind, order: filled.order },
    );
  } catch (error) {
    await rollBack(workshop, underWay, { kind, reason: messageOf(error) });
  }
  await workshop.journal.flush();
}

function refuseTakenExports({ store }: Workshop, stack: Stack, names: readonly string[]): void {
  const taken = exportsOf(store).find(({ name, stackId }) => names.includes(name) && stackId !== stack.id);
  if (taken === undefined) return;
  throw invalid(
    `Export with name ${taken.name} is already exported by stack ${store.find(taken.stackId)?.name}`,
  );
}

/** Everything is made: what the stack no longer has goes, the last first. */
export async function complete(
  workshop: Workshop,
  stack: Stack,
  { kind, order }: { readonly kind: Kind; readonly order: readonly string[] },
): Promise<void> {
  if (kind === 'UPDATE') {
    const cleaning = mark(workshop, stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    await cleanUp(workshop, cleaning, order);
  }
  for (const { change, before: _, ...resource } of workshop.store.resources(stack.id))
    if (change !== undefined) workshop.store.saveResource(stack.id, resource);
  const { before: _, ...done } = stack;
  mark(workshop, { ...done, ...(kind === 'UPDATE' && { updatedAt: workshop.now() }) }, `${kind}_COMPLETE`);
}

async function cleanUp(workshop: Workshop, stack: Stack, order: readonly string[]): Promise<void> {
  for (const resource of workshop.store.resources(stack.id).reverse()) {
    const { before, updateReplacePolicy, deletionPolicy } = resource;
    if (!order.includes(resource.logicalId)) {
      await removeOrKeep(workshop, stack, { resource, keep: deletionPolicy !== 'Delete' });
      workshop.store.dropResource(stack.id, resource.logicalId);
    } else if (resource.change === 'replaced' && before !== undefined)
      await removeOrKeep(workshop, stack, {
        resource: { ...resource, ...before },
        keep: updateReplacePolicy !== 'Delete',
      });
  }
}

/** Takes back what the operation did, from what the journal says of it. */
export async function rollBack(
  workshop: Workshop,
  stack: Stack,
  { kind, reason }: { readonly kind: Kind; readonly reason: string },
): Promise<void> {
  const prefix = kind === 'CREATE' ? 'ROLLBACK' : 'UPDATE_ROLLBACK';
  mark(workshop, stack, `${prefix}_IN_PROGRESS`, reason);
  const failed: string[] = [];
  const resources = workshop.store.resources(stack.id).reverse();
  for (const resource of resources)
    if (!(await revert(workshop, stack, resource))) failed.push(resource.logicalId);
  if (kind === 'UPDATE') mark(workshop, stack, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
  for (const resource of resources) {
    // what was there before stays, and belongs to no stack
    if (resource.change === 'adopted') workshop.store.dropResource(stack.id, resource.logicalId);
    if (resource.change !== 'created') continue;
    const gone = await removeOrKeep(workshop, stack, {
      resource,
      keep: resource.deletionPolicy === 'Retain',
    });
    if (gone) workshop.store.dropResource(stack.id, resource.logicalId);
    else failed.push(resource.logicalId);
  }
  const { before, ...rest } = stack;
  const end = { ...rest, ...before };
  if (failed.length === 0) mark(workshop, end, `${prefix}_COMPLETE`);
  else
    mark(
      workshop,
      end,
      `${prefix}_FAILED`,
      `The following resource(s) failed to roll back: [${failed.join(', ')}]. `,
    );
}

/** Gives a resource back its properties of before, or its place to the one that it replaced. */
async function revert(workshop: Workshop, stack: Stack, resource: StackResource): Promise<boolean> {
  const { change, before, ...rest } = resource;
  if (before === undefined || (change !== 'updated' && change !== 'replaced')) return true;
  const restored: StackResource = { ...rest, ...before, status: 'UPDATE_COMPLETE' };
  noteResource(workshop, stack, resource, 'UPDATE_IN_PROGRESS');
  try {
    if (change === 'replaced') {
      const { physicalId: id, properties } = rest;
      await workshop.providers[rest.type].remove({ id, properties }, workshop.account);
    } else {
      const wanted = { logicalId: rest.logicalId, name: before.physicalId, properties: before.properties };
      const provider = workshop.providers[before.type];
      const restore = provider.restore ?? provider.update;
      await restore({ ...wanted, id: before.physicalId }, workshop.account);
    }
  } catch (error) {
    noteResource(workshop, stack, resource, 'UPDATE_FAILED', messageOf(error));
    return false;
  }
  workshop.store.saveResource(stack.id, restored);
  noteResource(workshop, stack, restored, 'UPDATE_COMPLETE');
  return true;
}
