import { expect, test } from '@jest/globals';
import { composed } from '../stacks.ts';
import { plain, releaseOptions } from './release.ts';

const mark = (name: string) => `release.${name}.release`;

test('a release is a template with parameters and code from a bucket of the reader', () => {
  const { Parameters, Resources, Outputs } = plain(
    {
      Resources: {
        ServerlessDeploymentBucket: { Type: 'AWS::S3::Bucket' },
        Fn: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            Code: {
              S3Bucket: { Ref: 'ServerlessDeploymentBucket' },
              S3Key: 'serverless/a/prod/1-x/service.zip',
            },
            Bucket: mark('stateBucket'),
            Arn: `arn:aws:s3:::${mark('stateBucket')}/runs/*`,
            Table: { 'Fn::Sub': `arn:\${AWS::Region}:table/${mark('runsTable')}` },
            Definition: {
              'Fn::Sub': [`{"A":"${mark('executeSegmentArn')}","B":"\${x}"}`, { x: { Ref: 'Fn' } }],
            },
            Text: `\${literal} ${mark('stateBucket')}`,
          },
        },
      },
      Outputs: { ServerlessDeploymentBucketName: {}, Arn: { Value: { Ref: 'Fn' } } },
    },
    'service',
  );
  expect(Object.keys(Parameters ?? {})).toEqual([
    'executeSegmentArn',
    'runsTable',
    'stateBucket',
    'ArtefactBucket',
    'ArtefactPrefix',
  ]);
  expect(Parameters).toMatchObject({
    runsTable: { Type: 'String', Default: 'statebag-runs-prod' },
    stateBucket: { Type: 'String' },
  });
  expect(Object.keys({ ...Resources, ...Outputs })).toEqual(['Fn', 'Arn']);
  expect(Resources['Fn']?.Properties).toEqual({
    Code: {
      S3Bucket: { Ref: 'ArtefactBucket' },
      S3Key: { 'Fn::Sub': `\${ArtefactPrefix}/service/service.zip` },
    },
    Bucket: { Ref: 'stateBucket' },
    Arn: { 'Fn::Sub': `arn:aws:s3:::\${stateBucket}/runs/*` },
    Table: { 'Fn::Sub': `arn:\${AWS::Region}:table/\${runsTable}` },
    Definition: { 'Fn::Sub': [`{"A":"\${executeSegmentArn}","B":"\${x}"}`, { x: { Ref: 'Fn' } }] },
    Text: { 'Fn::Sub': `\${!literal} \${stateBucket}` },
  });
});

test('whatever one service tells another is open in a release', () => {
  const given = releaseOptions();
  for (const name of new Set([...composed().values()].flat()))
    expect(given).toContain(`${name}=release.${name}.release`);
});
