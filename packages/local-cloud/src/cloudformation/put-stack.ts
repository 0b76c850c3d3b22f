import { isDeepStrictEqual } from 'node:util';
import { invalid } from './errors.ts';
import { carryOut } from './operation.ts';
import { parameterTexts } from './parameters.ts';
import { recoverStack } from './recovery.ts';
import { tearDown } from './removal.ts';
import type { Stack, StackWish } from './stack.ts';
import { newStack, refuseUnlessIdle, requireStack, update } from './stack-wish.ts';
import { readTemplate } from './template.ts';
import type { Workshop } from './workshop.ts';

/** What a stack is to be. */
export interface WantedStack extends Pick<StackWish, 'adopts'> {
  readonly name: string;
  /** Text of any length. */
  readonly template: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly tags?: StackWish['tags'];
}

/**
 * Creates a stack or brings it up to date, in this process: no template is too long for it. @throws
 * `ValidationError` with the first resource that could not be made, after what was done was taken back
 */
export async function putStack(workshop: Workshop, wanted: WantedStack): Promise<Stack> {
  const { name, template, tags = [], adopts } = wanted;
  const parameters = parameterTexts(readTemplate(template), {
    given: Object.entries(wanted.parameters ?? {}).map(([key, value]) => ({ name: key, value })),
    previous: {},
  });
  const wish: StackWish = {
    ...{ template, parameters, tags, capabilities: ['CAPABILITY_NAMED_IAM'] },
    ...(adopts && { adopts }),
  };
  const present = await usable(workshop, name);
  if (present !== undefined && isDeepStrictEqual(present.wish, wish)) return present;
  if (present === undefined) await carryOut(workshop, newStack(workshop, name, wish), 'CREATE');
  else {
    refuseUnlessIdle(present, 'updated');
    await update(workshop, present, wish);
  }
  const stack = requireStack(workshop, name);
  if (/ROLLBACK|FAILED/.test(stack.status)) throw invalid(reasonOf(workshop, stack));
  return stack;
}

/**
 * What there is of a stack. An operation that is under way is that of a process that ended; a stack whose creation
 * was taken back can only be removed.
 */
async function usable(workshop: Workshop, name: string): Promise<Stack | undefined> {
  const found = workshop.store.find(name);
  if (found !== undefined) await recoverStack(workshop, found);
  const present = workshop.store.find(name);
  if (present === undefined || !/^(ROLLBACK_(COMPLETE|FAILED)|CREATE_FAILED)$/.test(present.status))
    return present;
  await tearDown(workshop, present);
  return undefined;
}

/** Why the last operation was taken back. */
function reasonOf({ store }: Workshop, stack: Stack): string {
  const all = store.events(stack.id);
  const begin = all.findIndex(
    ({ logicalId, status }) => logicalId === stack.name && /^(CREATE|UPDATE)_IN_PROGRESS$/.test(status),
  );
  const events = all.slice(0, begin);
  const failed = events.find(({ status }) => /^(CREATE|UPDATE)_FAILED$/.test(status));
  if (failed !== undefined) return `${failed.logicalId} (${failed.type}): ${failed.reason}`;
  return events.find(({ status }) => /ROLLBACK_IN_PROGRESS$/.test(status))?.reason ?? stack.status;
}
