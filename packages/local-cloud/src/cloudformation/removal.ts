import type { Stack, StackResource } from './stack.ts';
import { mark, messageOf, noteResource, type Workshop } from './workshop.ts';

/** What cannot be removed any more is left behind: the stack is what it was to be. */
export async function removeOrKeep(
  workshop: Workshop,
  stack: Stack,
  { resource, keep }: { readonly resource: StackResource; readonly keep: boolean },
): Promise<boolean> {
  if (keep) {
    noteResource(workshop, stack, resource, 'DELETE_SKIPPED');
    return true;
  }
  noteResource(workshop, stack, resource, 'DELETE_IN_PROGRESS');
  try {
    const { physicalId: id, properties } = resource;
    await workshop.providers[resource.type].remove({ id, properties }, workshop.account);
  } catch (error) {
    noteResource(workshop, stack, resource, 'DELETE_FAILED', messageOf(error));
    return false;
  }
  noteResource(workshop, stack, resource, 'DELETE_COMPLETE');
  return true;
}

/** Removes a stack with its resources, the last first. */
export async function tearDown(workshop: Workshop, stack: Stack): Promise<void> {
  const underWay = mark(workshop, stack, 'DELETE_IN_PROGRESS', 'User Initiated');
  const failed: string[] = [];
  for (const resource of workshop.store.resources(stack.id).reverse()) {
    const gone = await removeOrKeep(workshop, underWay, {
      resource,
      keep: resource.deletionPolicy !== 'Delete',
    });
    if (gone) workshop.store.dropResource(stack.id, resource.logicalId);
    else failed.push(resource.logicalId);
  }
  if (failed.length > 0)
    mark(
      workshop,
      underWay,
      'DELETE_FAILED',
      `The following resource(s) failed to delete: [${failed.join(', ')}]. `,
    );
  else mark(workshop, { ...underWay, outputs: [], deletedAt: workshop.now() }, 'DELETE_COMPLETE');
  await workshop.journal.flush();
}
