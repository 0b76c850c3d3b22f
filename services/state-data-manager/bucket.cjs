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

/** What was overwritten or deleted can be had back for so many days. */
const OLD_VERSIONS_DAYS = 7;

const versions = (isVersioned) =>
  isVersioned
    ? {
        rules: [
          {
            Id: 'old-versions',
            Status: 'Enabled',
            NoncurrentVersionExpiration: { NoncurrentDays: OLD_VERSIONS_DAYS },
            ExpiredObjectDeleteMarker: true,
          },
        ],
        properties: { VersioningConfiguration: { Status: 'Enabled' } },
      }
    : { rules: [], properties: {} };

/** Signed addresses for uploads are used by pages of these origins. */
const uploadsFrom = (origins) =>
  origins.length === 0
    ? {}
    : {
        CorsConfiguration: {
          CorsRules: [
            { AllowedOrigins: origins, AllowedMethods: ['PUT'], AllowedHeaders: ['*'], MaxAge: 3_600 },
          ],
        },
      };

const bucket = ({ name, key, expiry, origins, isVersioned }) => ({
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
        ...versions(isVersioned).rules,
      ],
    },
    ...versions(isVersioned).properties,
    ...uploadsFrom(origins),
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
  const origins = (await value('allowedOrigins')).split(',').filter((origin) => origin !== '');
  const isVersioned = (await value('bucketVersioning')) === 'true';
  const made = bucket({ name, key, expiry, origins, isVersioned });
  return { Resources: own ? { StateBucket: made, StateBucketPolicy: tlsOnly(name) } : {} };
};
