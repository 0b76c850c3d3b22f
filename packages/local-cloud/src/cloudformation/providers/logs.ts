import { arnIn, type Provider } from '../provider.ts';
import { keptProvider } from './kept.ts';

export const logGroup: Provider = keptProvider('AWS::Logs::LogGroup', {
  naming: { property: 'LogGroupName', most: 512 },
  attributes: (id, _, account) => ({ Arn: arnIn(account, 'logs', `log-group:${id}:*`) }),
});
