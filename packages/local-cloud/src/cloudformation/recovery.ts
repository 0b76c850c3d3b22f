import { complete, rollBack } from './operation.ts';
import { tearDown } from './removal.ts';
import type { Stack } from './stack.ts';
import { fillStack, type Workshop } from './workshop.ts';

const REASON = 'The local cloud ended during this operation. ';

/** Takes back, or brings to their ends, the operations whose process ended under them. */
export async function recover(workshop: Workshop): Promise<void> {
  for (const stack of workshop.store.list())
    if (stack.deletedAt === undefined) await recoverStack(workshop, stack);
  await workshop.journal.flush();
}

/** The same for one stack; one of which nothing is under way stays as it is. */
export async function recoverStack(workshop: Workshop, stack: Stack): Promise<void> {
  if (/^(CREATE|ROLLBACK)_IN_PROGRESS$/.test(stack.status))
    await rollBack(workshop, stack, { kind: 'CREATE', reason: REASON });
  else if (stack.status === 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS')
    await complete(workshop, stack, { kind: 'UPDATE', order: fillStack(workshop, stack).order });
  else if (/^UPDATE_.*IN_PROGRESS$/.test(stack.status))
    await rollBack(workshop, stack, { kind: 'UPDATE', reason: REASON });
  else if (stack.status === 'DELETE_IN_PROGRESS') await tearDown(workshop, stack);
}
