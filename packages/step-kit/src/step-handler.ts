import middy from '@middy/core';
import validator, { type Options } from '@middy/validator';
import { accept, isJsonObject, StatebagError, type Validator } from '@statebag/contracts';
import { beginInvocation, type InvocationContext } from './invocation.ts';
import { moduleCheckDoor } from './module-check.ts';
import type { StepDeps } from './open-deps.ts';
import { shapedError } from './shaped-error.ts';
import type { Step } from './step.ts';
import { failureEvent } from './step-log.ts';

/** A function as Lambda calls it. */
export type Handler<Reply = unknown> = (event: unknown, context: InvocationContext) => Promise<Reply>;

/**
 * A step as a Lambda handler: Middy answers a probe and checks the event at the door, and an error leaves
 * within its size.
 */
export function stepHandler<Reply>(step: Step<Reply>, deps: StepDeps): Handler<Reply> {
  const handled = middy<unknown, Reply>()
    .use(moduleCheckDoor())
    .use(validator({ eventSchema: eventSchema(step.event) }))
    .onError((request) => {
      request.error = shapedError(request.error);
    })
    .handler((event: unknown, context: InvocationContext) => invoked(step, event, { deps, context }));
  // Lambda's context has everything that Middy's type asks for; its code asks for less
  return async (event, context) => handled(event, context as Parameters<typeof handled>[1]);
}

/** One invocation of an accepted event: the step, and its line whichever way it ends. */
async function invoked<Reply>(
  step: Step<Reply>,
  event: unknown,
  { deps, context }: { readonly deps: StepDeps; readonly context: InvocationContext },
): Promise<Reply> {
  const invocation = beginInvocation(deps, context);
  const facts = step.factsOf(event);
  try {
    const reply = await step.invoke(event, invocation);
    invocation.report({ event, facts, outcome: 'ok', reply });
    return reply;
  } catch (error) {
    const shaped = shapedError(error);
    deps.log.event('error', failureEvent(facts.execution_id, shaped));
    invocation.report({ event, facts, outcome: shaped.name, reply: undefined });
    throw shaped;
  }
}

/** A validator as `@middy/validator` calls it: true, or the typed error. */
function eventSchema(validate: Validator): NonNullable<Options['eventSchema']> {
  const accepted = (raw: unknown): true => {
    refuseNested(raw);
    accept(validate, raw, 'event');
    return true;
  };
  // its type asks for an Ajv, its code calls a function
  return accepted as unknown as NonNullable<Options['eventSchema']>;
}

/** A bag inside a bag is named for what it is. @throws `Bag.Nested` */
function refuseNested(raw: unknown): void {
  const bag = isJsonObject(raw) ? raw['state_data'] : undefined;
  if (!isJsonObject(bag) || !Object.hasOwn(bag, 'state_data')) return;
  throw new StatebagError(
    'Bag.Nested',
    'state_data holds another state_data: an envelope was merged into the bag instead of replacing it',
  );
}
