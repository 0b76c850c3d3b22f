import { test } from 'node:test';
import { asRecorded, called, fromFixture, mustHold, stayedUnder } from '@statebag/testing';

const FIXTURE = new URL('fixtures/approved.json', import.meta.url);

test('the workflow of today takes a contract that was approved the way it took', async () => {
  const run = await fromFixture(FIXTURE, { workflow: new URL('workflow.json', import.meta.url) });
  mustHold(asRecorded(run));
  mustHold(called(run, 'read-clause', { times: 8 }));
  mustHold(stayedUnder(run, 16_000));
});
