import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';

interface Stack {
  readonly StackStatus: string;
  readonly LastUpdatedTime?: Date;
  readonly CreationTime: Date;
}

const require = createRequire(import.meta.url);
const { updatedAt }: { updatedAt(stack?: Stack): Date } = require('../unchanged.cjs');
const {
  refuseOtherPlace,
}: { refuseOtherPlace(told: readonly string[], place: { region: string; account: string }): void } =
  require('../other-place.cjs');

const [CreationTime, LastUpdatedTime, NEVER] = [new Date(1_000), new Date(2_000), new Date(0)];

test('a stack is as old as its last update, and one that was rolled back is deployed again', () => {
  expect(updatedAt({ StackStatus: 'CREATE_COMPLETE', CreationTime })).toEqual(CreationTime);
  expect(updatedAt({ StackStatus: 'UPDATE_COMPLETE', CreationTime, LastUpdatedTime })).toEqual(
    LastUpdatedTime,
  );
  for (const StackStatus of ['UPDATE_ROLLBACK_COMPLETE', 'UPDATE_FAILED', 'ROLLBACK_COMPLETE'])
    expect(updatedAt({ StackStatus, CreationTime, LastUpdatedTime })).toEqual(NEVER);
  expect(updatedAt()).toEqual(NEVER);
});

const HERE = { region: 'eu-west-1', account: '111122223333' };
const arn = (region: string, account: string) =>
  `executeSegmentArn=arn:aws:lambda:${region}:${account}:function:statebag-segment-runner-dev-executeSegment:7`;

test('a stack takes what others of its place have said, and names that say no place', () => {
  const told = ['stateBucket=statebag-state-dev-111122223333-eu-west-1', 'runsTable=statebag-runs-dev'];
  refuseOtherPlace([arn(HERE.region, HERE.account), ...told, 'stateBucket=my-bucket'], HERE);
});

test.each([
  [arn('us-east-1', '111122223333'), 'executeSegmentArn is of account 111122223333 in us-east-1'],
  [arn('eu-west-1', '000000000000'), 'executeSegmentArn is of account 000000000000 in eu-west-1'],
  ['v3MachineArn=arn:aws-cn:states:cn-north-1:111122223333:stateMachine:s:live', 'in cn-north-1'],
  ['stateBucket=statebag-state-pre-prod-111122223333-us-east-1', 'stateBucket is of account 111122223333'],
])('%s is refused where something else is deployed', (told, message) => {
  expect(() => refuseOtherPlace([told], HERE)).toThrow(message);
});
