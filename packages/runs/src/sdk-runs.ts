import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type Runs, runsOver } from './open-runs.ts';
import type { ItemRequests, TableAccess } from './runs-table.ts';

interface ClientAccess extends Omit<TableAccess, 'items'> {
  readonly client: DynamoDBClient;
}

/** The table `runs` over a client of the SDK. */
export function openRuns({ client, ...table }: ClientAccess): Runs {
  const items: ItemRequests = {
    getItem: (input) => client.send(new GetItemCommand(input)),
    putItem: (input) => client.send(new PutItemCommand(input)),
    updateItem: (input) => client.send(new UpdateItemCommand(input)),
    query: (input) => client.send(new QueryCommand(input)),
  };
  return runsOver({ items, ...table });
}
