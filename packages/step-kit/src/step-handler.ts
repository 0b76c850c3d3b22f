import middy from '@middy/core';
import validator, { type Options } from '@middy/validator';
import { eventSchema } from './accept-event.ts';
import type { InvocationContext } from './deadline.ts';
import { defineStep, type Step, type StepDeps } from './define-step.ts';
import { moduleCheckDoor } from './module-check.ts';
import { shapedError } from './shaped-error.ts';

/** A step as a Lambda handler: Middy answers a probe and checks the event at the door, and an error leaves within its size. */
export function stepHandler<Event, Hydrated, Draft, Reply>(step: Step<Event, Hydrated, Draft, Reply>, deps: StepDeps) {
  const invoke = defineStep(step, deps);
  const schema = eventSchema(step.event) as unknown as NonNullable<Options['eventSchema']>; // its declaration asks for an Ajv, its code calls a function
  return middy<Event>()
    .use(moduleCheckDoor())
    .use(validator({ eventSchema: schema }))
    .onError((request) => {
      request.error = shapedError(request.error);
    })
    .handler((event: Event, context: InvocationContext) => invoke(event, context));
}
