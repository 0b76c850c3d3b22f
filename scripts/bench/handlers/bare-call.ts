/** A function that asks DynamoDB for one item, by a client as the SDK makes it. */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';

const client = new DynamoDBClient({});
const { RUNS_TABLE: TableName } = process.env;
const Key = { pk: { S: 'none' }, sk: { S: 'none' } };

export async function handler(): Promise<object> {
  const { Item = {} } = await client.send(new GetItemCommand({ TableName, Key }));
  return Item;
}
