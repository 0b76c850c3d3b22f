import { startLocalCloud } from '../../src/cloud/local-cloud.ts';
import { deployCode } from '../lambda/deploy-code.ts';

/**
 * A cloud in a process of its own, for tests that kill it: prints its endpoint and runs until it is killed.
 */

const cloud = await startLocalCloud({
  dataDir: process.argv[2] ?? '',
  maxSandboxes: 2,
  credentials: { accessKeyId: 'local', secretAccessKey: 'of the test' },
});
if (!cloud.s3.hasBucket('killed')) await cloud.s3.createBucket('killed');
await deployCode(
  cloud,
  'witness',
  'async (event) => { process.stdout.write(event.detail ? "event " + event.detail.n : "invoked " + event.n); }',
);
await cloud.events.actions['PutRule']?.({ Name: 'killed', EventPattern: '{"source":["killed"]}' });
await cloud.events.actions['PutTargets']?.({
  Rule: 'killed',
  Targets: [{ Id: 'witness', Arn: cloud.functions.arnOf('witness') }],
});
const table = {
  TableName: 'killed',
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
};
const tables: unknown = await cloud.items.call('ListTables', {});
if (!JSON.stringify(tables).includes('killed')) await cloud.items.call('CreateTable', table);
process.stdout.write(`${cloud.endpoint}\n`);
