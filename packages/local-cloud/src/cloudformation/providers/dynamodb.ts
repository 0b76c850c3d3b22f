import { isDeepStrictEqual } from 'node:util';
import type { Mapping } from '../document.ts';
import { invalid } from '../errors.ts';
import { type Account, arnIn, type Provider, refuseExisting } from '../provider.ts';

const TYPE = 'AWS::DynamoDB::Table';

const TIME_TO_LIVE = 'TimeToLiveSpecification';

/** What a table is made with here; point-in-time recovery and the like are kept, and mean nothing. */
const SHAPE = [
  'AttributeDefinitions',
  'KeySchema',
  'BillingMode',
  'ProvisionedThroughput',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
];

export const table: Provider = {
  naming: { property: 'TableName', most: 255 },
  create: async ({ name, properties }, account) => {
    refuseExisting(TYPE, name, await exists(name, account));
    await account.items.call('CreateTable', { ...shapeOf(properties), TableName: name });
    await setTimeToLive(name, { before: undefined, now: properties[TIME_TO_LIVE] }, account);
    account.kept.put(TYPE, name, properties);
    return { id: name, attributes: attributesOf(name, account) };
  },
  update: async ({ id, properties }, account) => {
    const before = account.kept.find(TYPE, id)?.properties;
    // a table that no stack has made is taken as it is
    if (before !== undefined && !isDeepStrictEqual(shapeOf(before), shapeOf(properties)))
      throw invalid(`${id}: the local cloud changes neither indexes nor throughput of a table that is there`);
    await setTimeToLive(id, { before: before?.[TIME_TO_LIVE], now: properties[TIME_TO_LIVE] }, account);
    account.kept.put(TYPE, id, properties);
    return { id, attributes: attributesOf(id, account) };
  },
  remove: async ({ id }, account) => {
    if (await exists(id, account)) await account.items.call('DeleteTable', { TableName: id });
    account.kept.remove(TYPE, id);
  },
};

/** An attribute is changed by way of none, as DynamoDB has it. */
async function setTimeToLive(
  name: string,
  { before, now }: { before: unknown; now: unknown },
  { items }: Account,
): Promise<void> {
  const set = (specification: object, Enabled: boolean) =>
    items.call('UpdateTimeToLive', {
      TableName: name,
      TimeToLiveSpecification: { ...specification, Enabled },
    });
  if (isDeepStrictEqual(before, now)) return;
  if (isEnabled(before)) await set(before, false);
  if (isEnabled(now)) await set(now, true);
}

function isEnabled(specification: unknown): specification is object {
  return Reflect.get(Object(specification), 'Enabled') === true;
}

async function exists(name: string, { items }: Account): Promise<boolean> {
  // the answer is DynamoDB's own
  const { TableNames } = (await items.call('ListTables', {})) as { TableNames: readonly string[] };
  return TableNames.includes(name);
}

function shapeOf(properties: Mapping): Mapping {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => SHAPE.includes(name)));
}

function attributesOf(name: string, account: Account) {
  return { Arn: arnIn(account, 'dynamodb', `table/${name}`) };
}

/** Says of a table whether its template protects it against deletion. */
export const protectedBy =
  (kept: Account['kept']) =>
  (name: string): boolean =>
    kept.find(TYPE, name)?.properties['DeletionProtectionEnabled'] === true;
