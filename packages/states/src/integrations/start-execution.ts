import { isObject, type Json, type JsonObject } from '../language/json.ts';
import { Payload } from '../language/payload.ts';
import { StatesError } from '../language/states-error.ts';
import type { ExecutionRecord } from '../program/execution.ts';
import type { Integration } from '../program/task-target.ts';
import { checkFields, START_EXECUTION_FIELDS } from './field-types.ts';
import { requireParameter, sdkMetadata } from './service-call.ts';

/** `arn:aws:states:::states:startExecution`: another machine of this engine. */
export const START_EXECUTION: Integration = {
  errors: { prefix: 'StepFunctions', service: 'AWSStepFunctions', base: 'AWSStepFunctionsException' },
  patterns: ['request', 'sync', 'callback'],
  checkParameters: (parameters) => checkFields(parameters, START_EXECUTION_FIELDS),
  lint(task) {
    requireParameter(task, 'StateMachineArn');
  },
  call({ host, parameters, task, pattern }) {
    const fields: JsonObject = isObject(parameters) ? parameters : {};
    const { StateMachineArn: machineArn, Name: name, Input: input } = fields;
    const started = host.startExecution({
      machineArn: typeof machineArn === 'string' ? machineArn : '',
      name: typeof name === 'string' ? name : undefined,
      input: inputOf(input),
      parent: pattern === 'sync' ? task : undefined,
    });
    const answer = { ExecutionArn: started.arn, StartDate: started.startedAt };
    return { started, answer: { ...answer, ...sdkMetadata(JSON.stringify(answer)) } };
  },
  conclude(execution, resource) {
    const description = describe(execution, resource.endsWith(':2'));
    if (execution.status === 'SUCCEEDED') return description;
    throw new StatesError('States.TaskFailed', JSON.stringify(description), { ofTask: true });
  },
};

/** A string is the JSON text of the input, as in the API. */
function inputOf(input: Json | undefined): Payload {
  if (typeof input === 'string') return Payload.fromText(input);
  return Payload.of(input ?? {});
}

/** What the task hands out about the execution it waited for: data as text, or with `.sync:2` as data. */
function describe(execution: ExecutionRecord, asData: boolean): Json {
  const { input, output, error, cause } = execution;
  return {
    ...(cause === undefined ? {} : { Cause: cause }),
    ...(error === undefined ? {} : { Error: error }),
    ExecutionArn: execution.arn,
    Input: asData ? input.value : input.text,
    InputDetails: { Included: true },
    Name: execution.name,
    ...(output === undefined
      ? {}
      : { Output: asData ? output.value : output.text, OutputDetails: { Included: true } }),
    StartDate: execution.startedAt,
    StateMachineArn: execution.machineArn,
    Status: execution.status,
    StopDate: execution.stoppedAt ?? null,
  };
}
