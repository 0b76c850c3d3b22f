import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';

const { filled }: { filled(value: unknown): unknown } = createRequire(import.meta.url)(
  '@statebag/deployment/account-names',
);

test('the default name of the bucket becomes one of this account and region, wherever it stands', () => {
  expect(
    filled({
      Bucket: 'statebag-state-dev-account-region',
      Resource: [
        'arn:aws:s3:::statebag-state-dev-account-region/runs/*',
        { 'Fn::Sub': `arn:\${AWS::Partition}:s3:::statebag-state-a-b-account-region` },
      ],
      Definition: {
        'Fn::Sub': [`{"Bucket":"statebag-state-dev-account-region","A":"\${x}"}`, { x: { Ref: 'Fn' } }],
      },
      Text: `\${literal} statebag-state-dev-account-region`,
    }),
  ).toEqual({
    Bucket: { 'Fn::Sub': `statebag-state-dev-\${AWS::AccountId}-\${AWS::Region}` },
    Resource: [
      { 'Fn::Sub': `arn:aws:s3:::statebag-state-dev-\${AWS::AccountId}-\${AWS::Region}/runs/*` },
      { 'Fn::Sub': `arn:\${AWS::Partition}:s3:::statebag-state-a-b-\${AWS::AccountId}-\${AWS::Region}` },
    ],
    Definition: {
      'Fn::Sub': [
        `{"Bucket":"statebag-state-dev-\${AWS::AccountId}-\${AWS::Region}","A":"\${x}"}`,
        { x: { Ref: 'Fn' } },
      ],
    },
    Text: { 'Fn::Sub': `\${!literal} statebag-state-dev-\${AWS::AccountId}-\${AWS::Region}` },
  });
});

test('a name that was chosen stays as it is', () => {
  const template = {
    Bucket: 'statebag-state-dev',
    Resource: 'arn:aws:s3:::our-region/*',
    Number: 1,
    Nothing: null,
    Refer: { Ref: 'x' },
  };
  expect(filled(template)).toEqual(template);
});
