import type {
  GetItemInput,
  GetItemOutput,
  PutItemInput,
  PutItemOutput,
  QueryInput,
  QueryOutput,
  UpdateItemInput,
  UpdateItemOutput,
} from '@aws-sdk/client-dynamodb';
import type { PutEventsRequest, PutEventsResponse } from '@aws-sdk/client-eventbridge';
import type {
  DescribeExecutionInput,
  DescribeExecutionOutput,
  DescribeStateMachineAliasInput,
  DescribeStateMachineAliasOutput,
  StartExecutionInput,
  StopExecutionInput,
} from '@aws-sdk/client-sfn';
import type { GetParameterRequest, GetParameterResult } from '@aws-sdk/client-ssm';
import { jsonService } from './json-service.ts';
import type { Place } from './place.ts';
import type { Patience } from './signed-requests.ts';

/** Items of DynamoDB, none of whose values are bytes. */
export function dynamoDb(place: Place, patience: Patience) {
  const call = jsonService(
    { name: 'dynamodb', target: 'DynamoDB_20120810', version: '1.0' },
    place,
    patience,
  );
  return {
    getItem: (input: GetItemInput) => call<GetItemOutput>('GetItem', input),
    putItem: (input: PutItemInput) => call<PutItemOutput>('PutItem', input),
    updateItem: (input: UpdateItemInput) => call<UpdateItemOutput>('UpdateItem', input),
    query: (input: QueryInput) => call<QueryOutput>('Query', input),
  };
}

/** Executions of Step Functions. What JSON has no form for, times, is left out of the outputs. */
export function stepFunctions(place: Place, patience: Patience) {
  const call = jsonService({ name: 'states', target: 'AWSStepFunctions', version: '1.0' }, place, patience);
  type Described = Pick<DescribeExecutionOutput, 'executionArn' | 'status' | 'input' | 'output'>;
  type Aliased = Pick<DescribeStateMachineAliasOutput, 'routingConfiguration'>;
  return {
    startExecution: (input: StartExecutionInput) => call<object>('StartExecution', input),
    describeExecution: (input: DescribeExecutionInput) => call<Described>('DescribeExecution', input),
    stopExecution: (input: StopExecutionInput) => call<object>('StopExecution', input),
    describeStateMachineAlias: (input: DescribeStateMachineAliasInput) =>
      call<Aliased>('DescribeStateMachineAlias', input),
  };
}

/** Buses of EventBridge; events get the time at which they arrive. */
export function eventBridge(place: Place, patience: Patience) {
  const call = jsonService({ name: 'events', target: 'AWSEvents', version: '1.1' }, place, patience);
  return { putEvents: (input: PutEventsRequest) => call<PutEventsResponse>('PutEvents', input) };
}

/** Parameters of SSM. */
export function ssm(place: Place, patience: Patience) {
  const call = jsonService({ name: 'ssm', target: 'AmazonSSM', version: '1.1' }, place, patience);
  type Got = { readonly Parameter?: Omit<NonNullable<GetParameterResult['Parameter']>, 'LastModifiedDate'> };
  return { getParameter: (input: GetParameterRequest) => call<Got>('GetParameter', input) };
}
