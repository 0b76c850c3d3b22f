import { isObject, type Json, parseJson } from '../language/json.ts';
import type { Integration } from './integration.ts';
import { sdkMetadata } from './sdk-metadata.ts';

/** `arn:aws:states:::dynamodb:…Item`: parameters and answer are DynamoDB's own JSON. */
export function dynamodbItem(action: string): Integration {
  return {
    errors: { prefix: 'DynamoDB', service: 'AmazonDynamoDBv2', base: 'AmazonDynamoDBException' },
    patterns: ['request'],
    async call({ host, parameters }) {
      const release = host.clock.hold();
      try {
        const text = JSON.stringify(await host.items.call(action, parameters));
        const answer: Json = parseJson(text);
        return { ...(isObject(answer) ? answer : {}), ...sdkMetadata(text) };
      } finally {
        release();
      }
    },
  };
}
