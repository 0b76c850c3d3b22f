import { ApiError } from '@statebag/states';
import type { QueryInput, QueryOutput, QueryService } from '../gateway/query-service.ts';
import { changeSetActions } from './change-sets.ts';
import {
  describeEvent,
  describeResource,
  describeStack,
  summarizeStack,
  summarizeTemplate,
} from './descriptions.ts';
import { invalid } from './errors.ts';
import { carryOut } from './operation.ts';
import { preview } from './preview.ts';
import { putStack, type WantedStack } from './put-stack.ts';
import { recover } from './recovery.ts';
import { tearDown } from './removal.ts';
import { requireText, textOf, textsOf } from './request-shapes.ts';
import type { Stack, StackResource } from './stack.ts';
import { newStack, refuseUnlessIdle, requireStack, update, wishOf } from './stack-wish.ts';
import { templateText } from './template-source.ts';
import { exportsOf, type Workshop } from './workshop.ts';

/** Stacks for whoever is in this process. */
export interface Stacks {
  /** Creates a stack or brings it up to date. @throws with the first resource that could not be made */
  put(wanted: WantedStack): Promise<Stack>;
  find(name: string): Stack | undefined;
  /** In the order of their creation. */
  resources(stack: Stack): readonly StackResource[];
}

export interface CloudFormation extends Stacks {
  readonly service: QueryService;
  /** Takes back, or brings to its end, what was under way when the process ended. */
  recover(): Promise<void>;
}

type Actions = QueryService['actions'];

/** CloudFormation over the services of one account. An operation is at its end when its call is answered. */
export function openCloudFormation(workshop: Workshop): CloudFormation {
  return {
    service: {
      namespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
      actions: {
        ...stackActions(workshop),
        ...changeSetActions(workshop),
        ...readingActions(workshop),
        ...templateActions(workshop),
      },
    },
    recover: () => recover(workshop),
    put: (wanted) => putStack(workshop, wanted),
    find: (name) => workshop.store.find(name),
    resources: ({ id }) => workshop.store.resources(id),
  };
}

function stackActions(workshop: Workshop): Actions {
  return {
    CreateStack: async (input) => {
      const name = requireText(input, 'StackName');
      const wish = await wishOf(workshop, input, undefined);
      if (workshop.store.find(name) !== undefined)
        throw new ApiError('AlreadyExistsException', `Stack [${name}] already exists`);
      const stack = newStack(workshop, name, wish);
      preview(workshop, stack, wish);
      await carryOut(workshop, stack, 'CREATE');
      return { StackId: stack.id };
    },
    UpdateStack: async (input) => {
      const stack = requireStack(workshop, requireText(input, 'StackName'));
      refuseUnlessIdle(stack, 'updated');
      const wish = await wishOf(workshop, input, stack);
      if (preview(workshop, stack, wish).isEmpty) throw invalid('No updates are to be performed.');
      await update(workshop, stack, wish);
      return { StackId: stack.id };
    },
    DeleteStack: async (input) => {
      const stack = workshop.store.find(requireText(input, 'StackName'));
      if (stack === undefined || stack.deletedAt !== undefined) return undefined;
      refuseUsedExports(workshop, stack);
      await tearDown(workshop, stack);
      return undefined;
    },
  };
}

function readingActions(workshop: Workshop): Actions {
  const { store } = workshop;
  const stackOf = (input: QueryInput): Stack => requireStack(workshop, requireText(input, 'StackName'));
  return {
    DescribeStacks: async (input) => {
      const name = textOf(input, 'StackName');
      const stacks = name === undefined ? living(store.list()) : [requireStack(workshop, name)];
      return { Stacks: stacks.map(describeStack) };
    },
    ListStacks: async (input) => {
      const wanted = textsOf(input, 'StackStatusFilter');
      const stacks = store.list().filter(({ status }) => wanted.length === 0 || wanted.includes(status));
      return { StackSummaries: stacks.map(summarizeStack) };
    },
    DescribeStackEvents: async (input) => ({
      StackEvents: store.events(stackOf(input).id).map(describeEvent),
    }),
    DescribeStackResource: async (input) => {
      const [stack, id] = [stackOf(input), requireText(input, 'LogicalResourceId')];
      const resource = store.resource(stack.id, id);
      if (resource === undefined) throw invalid(`Resource ${id} does not exist for stack ${stack.name}`);
      return { StackResourceDetail: describeResource(stack, resource) };
    },
    DescribeStackResources: async (input) => {
      const stack = stackOf(input);
      return { StackResources: store.resources(stack.id).map((each) => describeResource(stack, each)) };
    },
    ListStackResources: async (input) => {
      const stack = stackOf(input);
      return {
        StackResourceSummaries: store.resources(stack.id).map((each) => describeResource(stack, each)),
      };
    },
    ListExports: async () => ({
      Exports: exportsOf(store).map(({ name, value, stackId }) => ({
        ExportingStackId: stackId,
        Name: name,
        Value: value,
      })),
    }),
    ListImports: async (input) => {
      const name = requireText(input, 'ExportName');
      const users = living(store.list()).filter(({ imports }) => imports.includes(name));
      if (users.length === 0) throw invalid(`Export '${name}' is not imported by any stack.`);
      return { Imports: users.map((stack) => stack.name) };
    },
  };
}

function templateActions(workshop: Workshop): Actions {
  const textFor = async (input: QueryInput): Promise<string> => {
    const name = textOf(input, 'StackName');
    const own = name === undefined ? undefined : requireStack(workshop, name).wish.template;
    const text = own ?? (await templateText(input, workshop.account));
    if (text === undefined) throw invalid('Either Template URL or Template Body must be specified.');
    return text;
  };
  return {
    GetTemplate: async (input) => ({
      TemplateBody: await textFor(input),
      StagesAvailable: ['Original', 'Processed'],
    }),
    GetTemplateSummary: async (input) => summarizeTemplate(await textFor(input)),
    ValidateTemplate: async (input): Promise<QueryOutput> => {
      const { ResourceTypes: _, Version: __, ...summary } = summarizeTemplate(await textFor(input));
      return summary;
    },
  };
}

function living(stacks: readonly Stack[]): Stack[] {
  return stacks.filter(({ deletedAt }) => deletedAt === undefined);
}

function refuseUsedExports({ store }: Workshop, { outputs, id, name }: Stack): void {
  for (const { exportName } of outputs) {
    const user = living(store.list()).find(
      (each) => exportName !== undefined && each.id !== id && each.imports.includes(exportName),
    );
    if (user !== undefined)
      throw invalid(
        `Export ${exportName} of stack ${name} cannot be deleted as it is in use by ${user.name}`,
      );
  }
}
