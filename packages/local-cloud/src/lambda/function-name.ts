import { ApiError } from '../ports.ts';

/** Which function, and which version or alias of it. */
export interface FunctionAddress {
  readonly functionName: string;
  readonly qualifier: string;
}

const ADDRESS = /^(?:arn:aws[\w-]*:lambda:[a-z0-9-]+:)?(?:\d{12}:)?(?:function:)?(?<name>[\w-]{1,140})(?::(?<qualifier>\$LATEST|[\w-]+))?$/;

/** Reads a function name, `name:qualifier`, or a full or partial ARN. A qualifier given apart may not contradict one inside the name. */
export function parseFunctionName(text: string, qualifier?: string): FunctionAddress {
  const groups = ADDRESS.exec(text)?.groups;
  const name = groups?.['name'];
  if (name === undefined) throw new ApiError('ValidationException', `Value '${text}' at 'functionName' is not a function name or ARN`);
  const inner = groups?.['qualifier'];
  if (inner !== undefined && qualifier !== undefined && inner !== qualifier) {
    throw new ApiError('InvalidParameterValueException', 'The derived qualifier from the function name does not match the specified qualifier.');
  }
  return { functionName: name, qualifier: inner ?? qualifier ?? '$LATEST' };
}
