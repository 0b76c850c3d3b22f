import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { invokeFunction } from './invoke-function.ts';

const SERVICES = readdirSync(join(import.meta.dirname, '..', '..'));
const FORMS = [
  (name: string) => name,
  (name: string) => `${name}:live`,
  (name: string) => `000000000000:function:${name}`,
  (name: string) => `arn:aws:lambda:eu-west-1:000000000000:function:${name}:7`,
];

test.each(SERVICES)('no workflow calls a function of %s', async (service) => {
  for (const form of FORMS) {
    const call = invokeFunction({
      function_arn: form(`statebag-${service}-prod-getRun`),
      event: { requestContext: { authorizer: { jwt: { claims: { statebag_owner: 'another' } } } } },
      timeout_ms: 1_000,
      idempotency_key: 'key',
    });
    await expect(call).rejects.toMatchObject({
      name: 'Function.Failed',
      details: { end: 'not_sent' },
      message: expect.stringContaining('no workflow may call'),
    });
  }
});
