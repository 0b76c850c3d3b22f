import { randomUUID } from 'node:crypto';
import { ApiError } from '@statebag/states';
import type { QueryInput, QueryService } from '../gateway/query-service.ts';
import { describeChangeSet, summarizeChangeSet } from './descriptions.ts';
import { invalid } from './errors.ts';
import { carryOut } from './operation.ts';
import { preview } from './preview.ts';
import { requireText, textOf } from './request-shapes.ts';
import type { ChangeSet } from './stack.ts';
import { newStack, notThere, refuseUnlessIdle, requireStack, update, wishOf } from './stack-wish.ts';
import { mark, type Workshop } from './workshop.ts';

const NOTHING =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

/** Change sets: what an operation will change, looked at before it is done. */
export function changeSetActions(workshop: Workshop): QueryService['actions'] {
  const { store, journal } = workshop;
  return {
    CreateChangeSet: async (input) => {
      const changeSet = await createChangeSet(workshop, input);
      store.saveChangeSet(changeSet);
      await journal.flush();
      return { Id: changeSet.id, StackId: changeSet.stackId };
    },
    DescribeChangeSet: async (input) => {
      const { stack, changeSet } = requireChangeSet(workshop, input);
      return describeChangeSet(changeSet, stack);
    },
    ListChangeSets: async (input) => {
      const stack = requireStack(workshop, requireText(input, 'StackName'));
      return { Summaries: store.changeSets(stack.id).map((each) => summarizeChangeSet(each, stack)) };
    },
    ExecuteChangeSet: async (input) => {
      const { stack, changeSet } = requireChangeSet(workshop, input);
      if (changeSet.status === 'FAILED' || changeSet.executed)
        throw new ApiError(
          'InvalidChangeSetStatus',
          `ChangeSet [${changeSet.id}] cannot be executed in its current status of [${changeSet.executed ? 'EXECUTE_COMPLETE' : 'FAILED'}]`,
        );
      refuseUnlessIdle(stack, 'updated');
      // the others were made against what the stack is no more
      for (const { id } of store.changeSets(stack.id)) if (id !== changeSet.id) store.dropChangeSet(id);
      store.saveChangeSet({ ...changeSet, executed: true });
      if (stack.status === 'REVIEW_IN_PROGRESS')
        await carryOut(workshop, { ...stack, wish: changeSet.wish }, 'CREATE');
      else await update(workshop, stack, changeSet.wish);
      return {};
    },
    DeleteChangeSet: async (input) => {
      const { changeSet } = findChangeSet(workshop, input);
      if (changeSet !== undefined) store.dropChangeSet(changeSet.id);
      await journal.flush();
      return {};
    },
  };
}

async function createChangeSet(workshop: Workshop, input: QueryInput): Promise<ChangeSet> {
  const { store, now } = workshop;
  const [name, stackName] = [requireText(input, 'ChangeSetName'), requireText(input, 'StackName')];
  const type = textOf(input, 'ChangeSetType') ?? 'UPDATE';
  if (type !== 'CREATE' && type !== 'UPDATE')
    throw invalid(`ChangeSetType ${type} is one that the local cloud does not carry out`);
  const known = store.find(stackName);
  const previous = known?.status === 'REVIEW_IN_PROGRESS' ? undefined : known;
  if (type === 'CREATE' && previous !== undefined)
    throw invalid(
      `Stack [${stackName}] already exists and cannot be created again with the changeSet [${name}].`,
    );
  if (type === 'UPDATE' && previous === undefined) throw notThere(stackName);
  if (known !== undefined && store.changeSets(known.id).some((each) => each.name === name))
    throw new ApiError(
      'AlreadyExistsException',
      `ChangeSet ${name} cannot be created due to a mismatch with existing attribute Template`,
    );
  const wish = await wishOf(workshop, input, previous);
  const stack =
    known ?? newStack(workshop, stackName, { template: '', parameters: {}, tags: [], capabilities: [] });
  const { changes, isEmpty } = preview(workshop, stack, wish);
  if (known === undefined) mark(workshop, stack, 'REVIEW_IN_PROGRESS', 'User Initiated');
  return {
    id: `arn:aws:cloudformation:${workshop.account.region}:${workshop.account.account}:changeSet/${name}/${randomUUID()}`,
    name,
    stackId: stack.id,
    type,
    ...(isEmpty && previous !== undefined
      ? { status: 'FAILED', reason: NOTHING }
      : { status: 'CREATE_COMPLETE' }),
    executed: false,
    wish,
    changes,
    createdAt: now(),
  };
}

function findChangeSet(workshop: Workshop, input: QueryInput) {
  const name = requireText(input, 'ChangeSetName');
  const { store } = workshop;
  if (name.startsWith('arn:')) {
    const changeSet = store.findChangeSet(name);
    return { changeSet, stack: changeSet && store.find(changeSet.stackId), name };
  }
  const stack = store.find(requireText(input, 'StackName'));
  const changeSet = stack && store.changeSets(stack.id).find((each) => each.name === name);
  return { changeSet, stack, name };
}

function requireChangeSet(workshop: Workshop, input: QueryInput) {
  const { changeSet, stack, name } = findChangeSet(workshop, input);
  if (changeSet === undefined || stack === undefined)
    throw new ApiError('ChangeSetNotFound', `ChangeSet [${name}] does not exist`, { status: 404 });
  return { changeSet, stack };
}
