import { isObject, type Json, type JsonObject, parseJson } from '../language/json.ts';
import { StatesError } from '../language/states-error.ts';
import { ApiError, type InvocationResult } from '../ports/services.ts';
import type { Integration, TaskCall } from '../program/task-target.ts';
import { checkFields, LAMBDA_FIELDS } from './field-types.ts';
import { requireParameter, sdkMetadata } from './service-call.ts';

const ERRORS = { prefix: 'Lambda', service: 'AWSLambda', base: 'AWSLambdaException' };

/** `arn:aws:states:::lambda:invoke`: the parameters are those of Lambda's Invoke. */
export const LAMBDA_INVOKE: Integration = {
  errors: ERRORS,
  patterns: ['request', 'callback'],
  checkParameters: (parameters) => checkFields(parameters, LAMBDA_FIELDS),
  lint(task) {
    requireParameter(task, 'FunctionName');
  },
  call: invoke,
};

async function invoke({ host, parameters }: TaskCall): Promise<Json> {
  const fields: JsonObject = isObject(parameters) ? parameters : {};
  const { FunctionName: name, Qualifier: qualifier, InvocationType: type, LogType: log } = fields;
  const result = await host.functions.invoke({
    functionName: typeof name === 'string' ? name : '',
    ...(typeof qualifier === 'string' ? { qualifier } : {}),
    invocationType: type === 'Event' ? 'Event' : 'RequestResponse',
    payload: payloadText(fields['Payload']),
  });
  if (result.functionError) throw functionFailure(result, JSON.stringify(parseJson(result.payload)));
  const metadata = sdkMetadata(result.payload, { requestId: result.requestId, status: result.statusCode });
  const answer =
    result.statusCode === 202
      ? {}
      : { ExecutedVersion: result.executedVersion, Payload: parseJson(result.payload || 'null') };
  const tail = log === 'Tail' ? { LogResult: tailOf(result.log ?? []) } : {};
  return { ...answer, ...tail, ...metadata, StatusCode: result.statusCode };
}

/** Lambda hands out so much of a log. */
const LOG_TAIL_BYTES = 4096;

function tailOf(log: readonly string[]): string {
  return Buffer.from(log.join('\n')).subarray(-LOG_TAIL_BYTES).toString('base64');
}

/** A string is the JSON text of the event; null is no event at all. */
function payloadText(payload: Json | undefined): string {
  if (payload === undefined || payload === null) return '{}';
  if (typeof payload !== 'string') return JSON.stringify(payload);
  try {
    parseJson(payload);
    return payload;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ApiError(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${message}`,
    );
  }
}

/** A function's ARN as the resource: the argument is the event, and the answer is the result. */
export function lambdaFunction(arn: string): Integration {
  return {
    errors: ERRORS,
    patterns: ['request'],
    async call({ host, parameters }) {
      const result = await host.functions.invoke({
        functionName: arn,
        invocationType: 'RequestResponse',
        payload: JSON.stringify(parameters),
      });
      if (result.functionError) throw functionFailure(result, result.payload);
      return parseJson(result.payload || 'null');
    },
  };
}

/**
 * An error that the function's code (or its end) raised: its `errorType` is the error, the whole document the
 * cause.
 */
function functionFailure({ payload }: InvocationResult, cause: string): StatesError {
  const document = parseJson(payload);
  const type = isObject(document) ? document['errorType'] : undefined;
  if (typeof type === 'string') return new StatesError(type, cause, { ofTask: true });
  const unknown = `The cause could not be determined because Lambda did not return an error type. Returned payload: ${payload}`;
  return new StatesError('Lambda.Unknown', unknown, { ofTask: true });
}
