import { ApiError } from '../ports/services.ts';

/** Errors of the Step Functions API, worded as the service words them. */
export const apiErrors = {
  invalidArn: (arn: unknown) => new ApiError('InvalidArn', `Invalid Arn: '${String(arn)}'`),
  invalidName: (name: unknown) => new ApiError('InvalidName', `Invalid Name: '${String(name)}'`),
  invalidDefinition: (message: string) => new ApiError('InvalidDefinition', message),
  invalidExecutionInput: (problem: string) =>
    new ApiError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${problem}'`),
  invalidOutput: (problem: string) => new ApiError('InvalidOutput', `Invalid Output: '${problem}'`),
  invalidToken: (problem = 'Invalid token') => new ApiError('InvalidToken', `Invalid Token: '${problem}'`),
  paginationToken: () => new ApiError('InvalidToken', `Invalid Token: 'Invalid token'`),
  taskTimedOut: () => new ApiError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'"),
  taskDoesNotExist: () => new ApiError('TaskDoesNotExist', "Task Does Not Exist: 'Task does not exist'"),
  noMachine: (arn: string) =>
    new ApiError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`),
  noActivity: (arn: string) => new ApiError('ActivityDoesNotExist', `Activity Does Not Exist: '${arn}'`),
  noExecution: (arn: string) => new ApiError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`),
  noResource: (arn: string) =>
    new ApiError('ResourceNotFound', `Resource not found: '${arn}'`, { fields: { resourceName: arn } }),
  executionExists: (arn: string) =>
    new ApiError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`),
  machineExists: (arn: string) =>
    new ApiError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`),
  wrongType: (operation: string) =>
    new ApiError(
      'StateMachineTypeNotSupported',
      `This operation is not supported by this type of state machine: ${operation}`,
    ),
  notRedrivable: (reason: string) => new ApiError('ExecutionNotRedrivable', reason),
  conflict: (message: string) => new ApiError('ConflictException', message),
  missingParameter: (message: string) => new ApiError('MissingRequiredParameter', message),
  closing: () => new ApiError('ServiceUnavailable', 'this process is ending; ask again', { status: 503 }),
  validation: (message: string) => new ApiError('ValidationException', message),
} as const;
