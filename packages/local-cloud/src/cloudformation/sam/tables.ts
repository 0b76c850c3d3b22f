import { isMapping, type Plain } from '../document.ts';
import { type Expanded, present, type ServerlessResource, tagList } from './serverless-resource.ts';

const LETTERS: Readonly<Record<string, string>> = { String: 'S', Number: 'N', Binary: 'B' };

/** A table with one key. */
export function expandTable({ id, properties }: ServerlessResource): Expanded {
  const {
    PrimaryKey: key,
    ProvisionedThroughput: throughput,
    Tags: tags,
    PointInTimeRecoverySpecification: recovery,
    TableName: name,
    SSESpecification: encryption,
    ...unknown
  } = properties;
  const { Name: attribute = 'id', Type: type = 'String' }: { readonly [name: string]: Plain } = isMapping(key)
    ? key
    : {};
  const made = present({
    ...unknown,
    TableName: name,
    AttributeDefinitions: [
      { AttributeName: attribute, AttributeType: LETTERS[String(type)] ?? String(type) },
    ],
    KeySchema: [{ AttributeName: attribute, KeyType: 'HASH' }],
    BillingMode: throughput === undefined ? 'PAY_PER_REQUEST' : undefined,
    ProvisionedThroughput: throughput,
    PointInTimeRecoverySpecification: recovery,
    SSESpecification: encryption,
    Tags: tagList(tags),
  });
  return { resources: { [id]: { Type: 'AWS::DynamoDB::Table', Properties: made } } };
}
