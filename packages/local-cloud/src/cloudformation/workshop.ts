import { ApiError, type Journal } from '@statebag/states';
import type { Account, Provider } from './provider.ts';
import type { ResourceType } from './resource-types.ts';
import type { Stack, StackResource } from './stack.ts';
import { type Filled, fill } from './stack-scope.ts';
import type { StackStore } from './stack-store.ts';

/** What an operation works with. */
export interface Workshop {
  readonly store: StackStore;
  readonly journal: Journal;
  readonly account: Account;
  readonly providers: Readonly<Record<ResourceType, Provider>>;
  now(): number;
}

/** The template of a stack over what there is of it. `onImport` is told of the exports that it uses. */
export function fillStack(
  { store, account }: Workshop,
  stack: Stack,
  onImport: (name: string) => void = () => {},
): Filled {
  return fill({
    stack,
    text: stack.wish.template,
    parameters: stack.wish.parameters,
    account,
    existing: (logicalId) => store.resource(stack.id, logicalId),
    exported: (name) => {
      onImport(name);
      return exportsOf(store).find((each) => each.name === name)?.value;
    },
  });
}

/** Every export of the account, with the stack that it is of. */
export function exportsOf(store: StackStore) {
  return store
    .list()
    .filter(({ deletedAt }) => deletedAt === undefined)
    .flatMap(({ id, outputs }) =>
      outputs.flatMap(({ exportName: name, value }) =>
        name === undefined ? [] : [{ name, value, stackId: id }],
      ),
    );
}

/** Sets the status of a stack, with its event. */
export function mark(workshop: Workshop, stack: Stack, status: string, reason?: string): Stack {
  const { reason: _, ...rest } = stack;
  const marked: Stack = { ...rest, status, ...(reason !== undefined && { reason }) };
  workshop.journal.write(() => {
    workshop.store.save(marked);
    workshop.store.record({
      stackId: stack.id,
      stackName: stack.name,
      logicalId: stack.name,
      physicalId: stack.id,
      type: 'AWS::CloudFormation::Stack',
      status,
      at: workshop.now(),
      ...(reason !== undefined && { reason }),
    });
  });
  return marked;
}

/** Writes the event of a resource. */
export function noteResource(
  { store, now }: Workshop,
  stack: Stack,
  { logicalId, physicalId, type }: Pick<StackResource, 'logicalId' | 'physicalId' | 'type'>,
  status: string,
  reason?: string,
): void {
  store.record({
    stackId: stack.id,
    stackName: stack.name,
    logicalId,
    physicalId,
    type,
    status,
    at: now(),
    ...(reason !== undefined && { reason }),
  });
}

/** Why something failed, as an event says it. */
export function messageOf(error: unknown): string {
  if (error instanceof ApiError && error.code !== 'ValidationError')
    return `${error.message} (${error.code})`;
  return error instanceof Error ? error.message : String(error);
}
