import { equal } from 'node:assert/strict';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { chain, localOf, outputs, type Scenario, transform } from '../scenario.ts';

export const scenario: Scenario = {
  about: 'a stored value that was changed behind the run’s back fails it, and is never taken for the value',
  local: true,
  async play(world) {
    const { s3, bucket } = localOf(world);
    const nodes = [
      transform('large', "$pad('', 60000, 'x')"),
      { id: 'pause', type: 'wait', config: { seconds: 2 } },
      transform('size', '$length(large)'),
      outputs('size'),
    ];
    const { execution_id: id } = await world.start(chain('corrupted', nodes));
    const blobs = await world.until('the value is stored', async () => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: `runs/ada/${id}/blobs/` }));
      return Contents.length > 0 ? Contents : undefined;
    });
    for (const { Key } of blobs) await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: '"forged"' }));
    const run = await world.end(id);
    equal(run.status, 'FAILED');
    equal(run.error, 'Store.ObjectCorrupt');
  },
};
