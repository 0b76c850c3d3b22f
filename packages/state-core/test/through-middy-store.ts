import middy from '@middy/core';
import { middyStore } from 'middy-store';
import { S3Store } from 'middy-store-s3';

type S3Config = NonNullable<ConstructorParameters<typeof S3Store>[0]['config']>;

/**
 * A handler whose input and output pass through middy-store: the reference that figures are compared with.
 */
export function throughMiddyStore<Payload>(
  { config, minSize }: { config: S3Config; minSize: number },
  work: (payload: Payload) => Payload,
) {
  const store = new S3Store({ config, bucket: 'state' });
  const handler = middy()
    .use(middyStore({ stores: [store], storingOptions: { minSize } }))
    // middy-store has put the payload in the event's place
    .handler(async (event: unknown) => work(event as Payload));
  // nothing asks for Lambda's context
  return (event: unknown): Promise<unknown> => handler(event, {} as never);
}
