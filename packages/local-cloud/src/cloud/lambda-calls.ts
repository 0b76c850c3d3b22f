import { ApiError, type Functions, type JsonActions } from '@statebag/states';

/**
 * Lambda's Invoke as `aws-sdk:` integrations have it: the answer's payload is a text, and a function that
 * failed is no error of the call.
 */
export function lambdaCalls(functions: Functions): JsonActions {
  return {
    Invoke: async ({ FunctionName: name, Qualifier: qualifier, InvocationType: type, Payload: payload }) => {
      if (typeof name !== 'string') throw new ApiError('ValidationException', 'FunctionName must be a text');
      const result = await functions.invoke({
        functionName: name,
        ...(typeof qualifier === 'string' && { qualifier }),
        invocationType: type === 'Event' ? 'Event' : 'RequestResponse',
        payload: typeof payload === 'string' ? payload : JSON.stringify(payload ?? {}),
      });
      return {
        StatusCode: result.statusCode,
        ...(result.statusCode === 200 && {
          ExecutedVersion: result.executedVersion,
          Payload: result.payload,
        }),
        ...(result.functionError !== undefined && { FunctionError: result.functionError }),
      };
    },
  };
}
