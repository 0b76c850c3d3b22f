import { randomUUID } from 'node:crypto';
import { ApiError } from '@statebag/states';
import type { QueryInput } from '../gateway/query-service.ts';
import { neededCapability } from './descriptions.ts';
import { invalid } from './errors.ts';
import { carryOut } from './operation.ts';
import { parameterTexts } from './parameters.ts';
import { parametersOf, tagsOf, textsOf } from './request-shapes.ts';
import type { Stack, StackWish } from './stack.ts';
import { readTemplate } from './template.ts';
import { templateText } from './template-source.ts';
import type { Workshop } from './workshop.ts';

/** A stack of which there is nothing yet. */
export function newStack({ account, now }: Workshop, name: string, wish: StackWish): Stack {
  if (!/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(name))
    throw invalid(
      `1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
    );
  const place = `${account.region}:${account.account}`;
  return {
    id: `arn:aws:cloudformation:${place}:stack/${name}/${randomUUID()}`,
    name,
    status: 'REVIEW_IN_PROGRESS',
    wish,
    outputs: [],
    imports: [],
    createdAt: now(),
  };
}

/** What a request wants a stack to be; what it does not say is as before. */
export async function wishOf(
  { account }: Workshop,
  input: QueryInput,
  previous: Stack | undefined,
): Promise<StackWish> {
  refuseOptions(input);
  const given = await templateText(input, account);
  const template = input['UsePreviousTemplate'] === 'true' ? previous?.wish.template : given;
  if (template === undefined) throw invalid('Either Template URL or Template Body must be specified.');
  const parameters = parameterTexts(readTemplate(template), {
    given: parametersOf(input),
    previous: previous?.wish.parameters ?? {},
  });
  const capabilities = textsOf(input, 'Capabilities');
  refuseUnacknowledged(template, capabilities);
  return { template, parameters, capabilities, tags: tagsOf(input) ?? previous?.wish.tags ?? [] };
}

/** Options that would change what an operation does, and that nothing here carries out. */
const NOT_CARRIED_OUT: readonly (readonly [name: string, harmless: string])[] = [
  ['DisableRollback', 'false'],
  ['OnFailure', 'ROLLBACK'],
  ['OnStackFailure', 'ROLLBACK'],
  ['StackPolicyBody', ''],
  ['ImportExistingResources', 'false'],
  ['IncludeNestedStacks', 'false'],
  ['RoleARN', ''],
];

function refuseOptions(input: QueryInput): void {
  for (const [name, harmless] of NOT_CARRIED_OUT)
    if ((input[name] ?? harmless) !== harmless)
      throw invalid(`${name}=${String(input[name])} is an option that the local cloud does not carry out`);
}

function refuseUnacknowledged(template: string, given: readonly string[]): void {
  const needed = neededCapability(template);
  if (needed === undefined || given.includes(needed) || given.includes('CAPABILITY_NAMED_IAM')) return;
  throw new ApiError('InsufficientCapabilitiesException', `Requires capabilities : [${needed}]`);
}

/** Makes a stack what it is wished to be now. */
export function update(workshop: Workshop, stack: Stack, wish: StackWish): Promise<void> {
  const { wish: last, outputs, imports } = stack;
  return carryOut(workshop, { ...stack, wish, before: { wish: last, outputs, imports } }, 'UPDATE');
}

/** @throws where there is no such stack */
export function requireStack({ store }: Workshop, nameOrId: string): Stack {
  const stack = store.find(nameOrId);
  if (stack === undefined) throw notThere(nameOrId);
  return stack;
}

export function notThere(name: string): ApiError {
  return invalid(`Stack with id ${name} does not exist`);
}

const CHANGEABLE =
  /^(REVIEW_IN_PROGRESS|CREATE_COMPLETE|UPDATE_COMPLETE|UPDATE_ROLLBACK_COMPLETE|IMPORT_COMPLETE)$/;

/** @throws while something is done with the stack, or where a rollback left it behind */
export function refuseUnlessIdle({ id, status }: Stack, what: string): void {
  if (!CHANGEABLE.test(status)) throw invalid(`Stack:${id} is in ${status} state and can not be ${what}.`);
}
