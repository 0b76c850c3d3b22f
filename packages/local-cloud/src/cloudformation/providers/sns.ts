import { arnIn, type Provider } from '../provider.ts';
import { keptProvider } from './kept.ts';

/** Kept as its template says: nothing here sends a message to a topic. */
const kept: Provider = keptProvider('AWS::SNS::Topic', {
  naming: { property: 'TopicName', most: 256 },
  attributes: (id, _, account) => ({ TopicName: id, TopicArn: arnIn(account, 'sns', id) }),
});

export const topic: Provider = {
  ...kept,
  create: async (wanted, account) => withArn(await kept.create(wanted, account)),
  update: async (wanted, account) =>
    withArn(await kept.update({ ...wanted, id: nameIn(wanted.id) }, account)),
  remove: (gone, account) => kept.remove({ ...gone, id: nameIn(gone.id) }, account),
};

/** A topic is referred to by its ARN. */
function withArn(made: Awaited<ReturnType<Provider['create']>>) {
  return { ...made, id: String(made.attributes['TopicArn']) };
}

function nameIn(arn: string): string {
  return arn.split(':').at(-1) ?? arn;
}
