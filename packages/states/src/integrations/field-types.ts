import { isArray, isObject, type Json } from '../language/json.ts';
import { StateRuntimeError } from '../language/states-error.ts';

/** What a field of a call's parameters has to hold; fields inside of it by name, `*` for any name. */
export type FieldType =
  | 'STRING'
  | 'BOOLEAN'
  | { readonly list: FieldType }
  | { readonly fields: Readonly<Record<string, FieldType>> };

const ATTRIBUTE_FIELDS: Record<string, FieldType> = {
  S: 'STRING',
  N: 'STRING',
  B: 'STRING',
  BOOL: 'BOOLEAN',
  NULL: 'BOOLEAN',
  SS: { list: 'STRING' },
  NS: { list: 'STRING' },
  BS: { list: 'STRING' },
};
const ATTRIBUTE: FieldType = { fields: ATTRIBUTE_FIELDS };
const ATTRIBUTES: FieldType = { fields: { '*': ATTRIBUTE } };
// attributes nest
ATTRIBUTE_FIELDS['L'] = { list: ATTRIBUTE };
ATTRIBUTE_FIELDS['M'] = ATTRIBUTES;

const NAMES: FieldType = { fields: { '*': 'STRING' } };

/** Fields of the item actions of DynamoDB. */
export const DYNAMODB_FIELDS: FieldType = {
  fields: {
    TableName: 'STRING',
    Key: ATTRIBUTES,
    Item: ATTRIBUTES,
    ConditionExpression: 'STRING',
    UpdateExpression: 'STRING',
    ProjectionExpression: 'STRING',
    ReturnValues: 'STRING',
    ConsistentRead: 'BOOLEAN',
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: ATTRIBUTES,
  },
};

/** Fields of `lambda:invoke`; its Payload is any JSON. */
export const LAMBDA_FIELDS: FieldType = {
  fields: {
    FunctionName: 'STRING',
    Qualifier: 'STRING',
    InvocationType: 'STRING',
    LogType: 'STRING',
    ClientContext: 'STRING',
  },
};

/** Fields of `states:startExecution`; its Input is any JSON. */
export const START_EXECUTION_FIELDS: FieldType = {
  fields: { StateMachineArn: 'STRING', Name: 'STRING', TraceHeader: 'STRING' },
};

/** Fields of `sqs:sendMessage`; its MessageBody is any JSON. */
export const SEND_MESSAGE_FIELDS: FieldType = {
  fields: {
    QueueUrl: 'STRING',
    MessageGroupId: 'STRING',
    MessageDeduplicationId: 'STRING',
    MessageAttributes: {
      fields: { '*': { fields: { DataType: 'STRING', StringValue: 'STRING', BinaryValue: 'STRING' } } },
    },
  },
};

/** Fields of `events:putEvents`; a Detail is any JSON. */
export const PUT_EVENTS_FIELDS: FieldType = {
  fields: {
    Entries: {
      list: {
        fields: {
          Source: 'STRING',
          DetailType: 'STRING',
          EventBusName: 'STRING',
          Resources: { list: 'STRING' },
        },
      },
    },
  },
};

/**
 * Holds parameters against the types of their fields, before anything is called.
 * @throws `States.Runtime` naming every field that is of another type, as the service does.
 */
export function checkFields(parameters: Json, type: FieldType): void {
  const problems = [...problemsOf(parameters, type, '')];
  if (problems.length === 0) return;
  throw new StateRuntimeError(
    `The Parameters '${JSON.stringify(parameters)}' could not be used to start the Task: [${problems.join(', ')}]`,
  );
}

function* problemsOf(value: Json | undefined, type: FieldType, field: string): Generator<string> {
  if (value === undefined || value === null) return;
  const wrong = (expected: string) => `The value for the field '${field}' must be a ${expected}`;
  if (type === 'STRING') {
    if (typeof value !== 'string') yield wrong(type);
  } else if (type === 'BOOLEAN') {
    if (typeof value !== 'boolean') yield wrong(type);
  } else if ('list' in type) {
    if (isArray(value)) for (const each of value) yield* problemsOf(each, type.list, field);
    else yield wrong('LIST');
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      const known = type.fields[name] ?? type.fields['*'];
      if (known !== undefined) yield* problemsOf(member, known, name);
    }
  } else if (field !== '') yield wrong('STRUCTURE');
}
