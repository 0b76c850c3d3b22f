import type { S3Client } from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import type { RunLocation } from '@statebag/contracts/object-keys';
import { carriedOver } from './copy-ledger.ts';

// ids that are good by sight
const FROM = { bucket: 'state', owner_id: 'acme', execution_id: 'run-1' } as RunLocation;
const TO = { ...FROM, owner_id: 'shadow-acme' } as RunLocation;

/** Notes what it is asked for. */
function aClient() {
  const sent: unknown[] = [];
  const send = async ({ input }: { readonly input: unknown }) => void sent.push(input);
  return { sent, client: { send } as unknown as S3Client };
}

const pointed = (s3_path: string) => ({ pointer: { type: 's3_reference', s3_path } });

test('a value of the run is copied along, and its pointer leads to the copy', async () => {
  const { client, sent } = aClient();
  const record = await carriedOver(client, pointed('s3://state/runs/acme/run-1/blobs/x.json'), {
    from: FROM,
    to: TO,
  });
  expect(record).toEqual(pointed('s3://state/runs/shadow-acme/run-1/blobs/x.json'));
  expect(sent).toEqual([
    {
      Bucket: 'state',
      Key: 'runs/shadow-acme/run-1/blobs/x.json',
      CopySource: 'state/runs/acme/run-1/blobs/x.json',
    },
  ]);
});

test.each([
  ['another run', 's3://state/runs/acme/run-2/blobs/x.json'],
  ['another owner', 's3://state/runs/other/run-1/blobs/x.json'],
  ['another bucket', 's3://elsewhere/runs/acme/run-1/blobs/x.json'],
  ['a definition', `s3://state/definitions/acme/${'f'.repeat(64)}/workflow.json`],
  ['a ledger record', `s3://state/runs/acme/run-1/ledger/${'f'.repeat(64)}.json`],
])('nothing of %s is copied', async (_what, s3_path) => {
  const { client, sent } = aClient();
  await expect(carriedOver(client, pointed(s3_path), { from: FROM, to: TO })).rejects.toMatchObject({
    name: 'Pointer.Foreign',
  });
  expect(sent).toEqual([]);
});
