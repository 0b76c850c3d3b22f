// The bucket of all state. Left out where a deployment brings its own (`createBucket: false`); what that one
// must have is in docs/deployment.md.
const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const DEFINITIONS = join(__dirname, '..', '..', 'stepfunctions', 'definitions');
const DAY = 86_400;
/** For so long a failed execution can be redriven. */
const REDRIVE_DAYS = 14;

/** The longest that any machine lets a run take, in days. */
function longestRunDays() {
  const machines = readdirSync(DEFINITIONS).filter((file) => file.endsWith('.asl.json'));
  const seconds = machines.map(
    (file) => JSON.parse(readFileSync(join(DEFINITIONS, file), 'utf8')).TimeoutSeconds ?? 0,
  );
  return Math.ceil(Math.max(...seconds) / DAY);
}

/**
 * S3 counts from an object's creation, so what a run wrote first must outlast its last day, its redrive, and
 * the time it is kept.
 */
function checkExpiry(expiry, kept) {
  const least = longestRunDays() + REDRIVE_DAYS + kept;
  if (!(expiry >= least)) {
    throw new Error(
      `runsExpireAfterDays is ${expiry}; at least ${least}: ${longestRunDays()} days a run may take, ${REDRIVE_DAYS} it can be redriven, ${kept} it is kept (runsKeptDays)`,
    );
  }
}

const encryption = (key) =>
  key === ''
    ? { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }
    : {
        BucketKeyEnabled: true,
        ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key },
      };

const bucket = ({ name, key, expiry }) => ({
  Type: 'AWS::S3::Bucket',
  DeletionPolicy: 'Retain',
  UpdateReplacePolicy: 'Retain',
  Properties: {
    BucketName: name,
    BucketEncryption: { ServerSideEncryptionConfiguration: [encryption(key)] },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
    OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    LifecycleConfiguration: {
      Rules: [
        { Id: 'runs', Status: 'Enabled', Prefix: 'runs/', ExpirationInDays: expiry },
        { Id: 'uploads', Status: 'Enabled', Prefix: 'uploads/', ExpirationInDays: 7 },
        {
          Id: 'unfinished-uploads',
          Status: 'Enabled',
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 },
        },
      ],
    },
  },
});

const tlsOnly = (name) => ({
  Type: 'AWS::S3::BucketPolicy',
  Properties: {
    Bucket: { Ref: 'StateBucket' },
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'TlsOnly',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    },
  },
});

module.exports.resources = async ({ resolveVariable }) => {
  const value = async (name) => String(await resolveVariable(`self:custom.${name}`));
  const [name, key, expiry, kept] = [
    await value('stateBucket'),
    await value('kmsKeyArn'),
    Number(await value('runsExpireAfterDays')),
    Number(await value('runsKeptDays')),
  ];
  checkExpiry(expiry, kept);
  const own = (await value('createBucket')) === 'true';
  return {
    Resources: own ? { StateBucket: bucket({ name, key, expiry }), StateBucketPolicy: tlsOnly(name) } : {},
  };
};
