import { ApiError } from '@statebag/states';
import { listOf, type Mapping, type Plain } from '../document.ts';
import { type Account, AlreadyThere, arnIn, callAction, type Provider } from '../provider.ts';

export const queue: Provider = {
  naming: { property: 'QueueName', most: 80 },
  create: async ({ name, properties }, account) => {
    const there = await urlOf(name, account);
    if (there !== undefined)
      throw new AlreadyThere(
        String(there),
        `Resource of type 'AWS::SQS::Queue' with identifier '${name}' already exists.`,
      );
    const { QueueUrl: url } = await callAction(account.queues, 'CreateQueue', {
      QueueName: name,
      Attributes: attributesOf(properties),
    });
    return made(String(url), account);
  },
  update: async ({ id, properties }, account) => {
    await callAction(account.queues, 'SetQueueAttributes', {
      QueueUrl: id,
      Attributes: attributesOf(properties),
    });
    return made(id, account);
  },
  remove: async ({ id }, account) => {
    if ((await urlOf(nameIn(id), account)) !== undefined)
      await callAction(account.queues, 'DeleteQueue', { QueueUrl: id });
  },
};

function made(id: string, account: Account) {
  const name = nameIn(id);
  return { id, attributes: { Arn: arnIn(account, 'sqs', name), QueueName: name, QueueUrl: id } };
}

function nameIn(url: string): string {
  return url.split('/').at(-1) ?? url;
}

async function urlOf(name: string, { queues }: Account): Promise<Plain | undefined> {
  try {
    return (await callAction(queues, 'GetQueueUrl', { QueueName: name }))['QueueUrl'];
  } catch (error) {
    if (error instanceof ApiError && /NonExistentQueue|QueueDoesNotExist/.test(error.code)) return undefined;
    throw error;
  }
}

/** Everything but name and tags is an attribute, written as a text. */
function attributesOf({ QueueName: _, Tags: __, ...attributes }: Mapping): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]),
  );
}

/** A policy is an attribute of the queues that it is for. */
export const queuePolicy: Provider = {
  create: async ({ name, properties }, account) => setPolicy(name, properties, account),
  update: async ({ id, properties }, account) => setPolicy(id, properties, account),
  remove: async ({ id, properties }, account) => {
    for (const url of listOf(properties['Queues']))
      if ((await urlOf(nameIn(String(url)), account)) !== undefined)
        await callAction(account.queues, 'SetQueueAttributes', { QueueUrl: url, Attributes: { Policy: '' } });
    account.kept.remove('AWS::SQS::QueuePolicy', id);
  },
};

async function setPolicy(id: string, properties: Mapping, account: Account) {
  const Policy = JSON.stringify(properties['PolicyDocument']);
  for (const url of listOf(properties['Queues']))
    await callAction(account.queues, 'SetQueueAttributes', { QueueUrl: url, Attributes: { Policy } });
  account.kept.put('AWS::SQS::QueuePolicy', id, properties);
  return { id, attributes: { Id: id } };
}
