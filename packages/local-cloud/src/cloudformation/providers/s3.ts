import { compilePolicy } from '../../iam/policy.ts';
import { type Provider, refuseExisting } from '../provider.ts';
import { keptProvider } from './kept.ts';

const TYPE = 'AWS::S3::Bucket';

export const bucket: Provider = {
  naming: { property: 'BucketName', most: 63, lower: true },
  create: async ({ name, properties }, { s3, kept, region }) => {
    refuseExisting(TYPE, name, s3.hasBucket(name));
    await s3.createBucket(name);
    kept.put(TYPE, name, properties);
    return { id: name, attributes: attributesOf(name, region) };
  },
  update: async ({ id, properties }, { kept, region }) => {
    kept.put(TYPE, id, properties);
    return { id, attributes: attributesOf(id, region) };
  },
  remove: async ({ id }, { s3, kept }) => {
    if (s3.hasBucket(id)) await s3.deleteBucket(id);
    kept.remove(TYPE, id);
  },
};

function attributesOf(name: string, region: string) {
  return {
    Arn: `arn:aws:s3:::${name}`,
    DomainName: `${name}.s3.amazonaws.com`,
    RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
  };
}

export const bucketPolicy: Provider = keptProvider('AWS::S3::BucketPolicy', {
  id: ({ properties }) => String(properties['Bucket']),
  check: ({ PolicyDocument: document }) => void compilePolicy(document, 'resource'),
});
