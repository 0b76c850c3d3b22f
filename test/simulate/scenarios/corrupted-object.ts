import { equal } from 'node:assert/strict';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { chain, localOf, outputs, type Scenario, transform } from '../scenario.ts';

export const scenario: Scenario = {
  about: 'a stored value that was changed behind the run’s back fails it, and is never taken for the value',
  local: true,
  async play(world) {
    const { s3, bucket, cloud } = localOf(world);
    const nodes = [
      transform('large', "$pad('', 60000, 'x')"),
      { id: 'pause', type: 'human_approval', output_key: 'decision', config: { message: 'Go on?' } },
      transform('size', '$length(large)'),
      outputs('size'),
    ];
    const { execution_id: id } = await world.start(chain('corrupted', nodes));
    await world.asked(id);
    const { Contents: blobs = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: `runs/ada/${id}/blobs/` }),
    );
    equal(blobs.length > 0, true);
    for (const { Key } of blobs)
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: '"forged"' }));
    // one that wrote the value still has it
    for (const name of cloud.functions.registry.names()) cloud.functions.retire(name);
    await world.call(`POST /runs/${id}/approve`, { body: {} });
    const run = await world.end(id);
    equal(run.status, 'FAILED');
    equal(run.error, 'Store.ObjectCorrupt');
  },
};
