import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { wording } from './wording.ts';

const s3 = new S3Client({});

export const handler = async (event: { name: string }): Promise<{ greeting: string }> => {
  const greeting = wording(process.env['GREETING'] ?? '', event.name);
  await s3.send(
    new PutObjectCommand({
      Bucket: process.env['BUCKET'],
      Key: `greetings/${event.name}.txt`,
      Body: greeting,
    }),
  );
  console.log('greeted', event.name);
  return { greeting };
};
