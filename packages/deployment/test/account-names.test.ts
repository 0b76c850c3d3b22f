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
      {
        'Fn::Sub': `arn:\${AWS::Partition}:s3:::statebag-state-dev-\${AWS::AccountId}-\${AWS::Region}/runs/*`,
      },
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
    Resource: 'our-region/*',
    Number: 1,
    Nothing: null,
    Refer: { Ref: 'x' },
  };
  expect(filled(template)).toEqual(template);
});

test('ARNs are of the partition they are deployed to; placeholders of no account stay', () => {
  const placeholder = 'arn:aws:kms:us-east-1:000000000000:key/none';
  expect(
    filled({
      Definition: {
        'Fn::Sub': [`{"Resource":"arn:aws:states:::lambda:invoke","A":"\${x}"}`, { x: placeholder }],
      },
      Text: `\${literal} arn:aws:s3:::chosen/*`,
      None: placeholder,
    }),
  ).toEqual({
    Definition: {
      'Fn::Sub': [
        `{"Resource":"arn:\${AWS::Partition}:states:::lambda:invoke","A":"\${x}"}`,
        { x: placeholder },
      ],
    },
    Text: { 'Fn::Sub': `\${!literal} arn:\${AWS::Partition}:s3:::chosen/*` },
    None: placeholder,
  });
});
