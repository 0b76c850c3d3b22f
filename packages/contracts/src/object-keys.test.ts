import { describe, expect, test } from '@jest/globals';
import { law } from '@statebag/law';
import fc from 'fast-check';
import { definitionId, executionId, ownerId, segmentId } from './ids.ts';
import {
  type Confinement,
  confine,
  contentUri,
  isUploadName,
  ledgerUri,
  manifestUri,
  packUri,
  parseS3Uri,
  segmentUri,
  uploadUri,
} from './object-keys.ts';
import type { Sha256 } from './units.ts';

const run = { bucket: 'state-bucket', owner_id: ownerId('ann'), execution_id: executionId('run-1') };
const reader: Confinement = { ...run, definition_id: definitionId('d1') };
const sha256 = 'a'.repeat(64) as Sha256;

describe('confine', () => {
  test.each([
    contentUri(run, 'blobs', { sha256, encoding: 'json+zstd' }),
    contentUri(run, 'history', { sha256, encoding: 'json' }),
    contentUri(run, 'snapshots', { sha256, encoding: 'json+gzip' }),
    contentUri(run, 'map', { sha256, encoding: 'json' }),
    packUri(run, sha256),
    ledgerUri(run, sha256, 'record'),
    ledgerUri(run, sha256, { of: 'intent', attempt: 0 }),
    ledgerUri(run, sha256, { of: 'end', attempt: 12 }),
    manifestUri({ ...run, definition_id: definitionId('d1') }),
    segmentUri({ ...run, definition_id: definitionId('d1') }, segmentId('s01')),
  ])('lets a run read its own %s', (uri) => {
    expect(confine(uri, reader)).toBe(uri);
  });

  test.each([
    ['another bucket', 's3://other-bucket/runs/ann/run-1/blobs/x.json'],
    ['another owner', 's3://state-bucket/runs/bob/run-1/blobs/x.json'],
    ['another run', 's3://state-bucket/runs/ann/run-2/blobs/x.json'],
    ['a run whose id begins alike', 's3://state-bucket/runs/ann/run-10/blobs/x.json'],
    ['a way up', 's3://state-bucket/runs/ann/run-1/blobs/../../run-2/blobs/x.json'],
    ['an empty part', 's3://state-bucket/runs/ann/run-1//blobs/x.json'],
    ['a folder that is none of ours', 's3://state-bucket/runs/ann/run-1/other/x.json'],
    ['the folder itself', 's3://state-bucket/runs/ann/run-1/blobs/'],
    ['another definition', 's3://state-bucket/definitions/ann/d2/manifest.json'],
    ['uploads nobody asked for', 's3://state-bucket/uploads/ann/in.json'],
    ['another scheme', 'https://state-bucket/runs/ann/run-1/blobs/x.json'],
  ])('refuses %s', (_what, uri) => {
    expect(() => confine(uri, reader)).toThrow(expect.objectContaining({ name: 'Pointer.Foreign' }));
  });

  test('lets an owner’s uploads be read only where they are asked for, and only that owner’s', () => {
    const uri = uploadUri(run.bucket, ownerId('ann'), 'in.json');
    expect(confine(uri, { ...reader, uploads: true })).toBe(uri);
    expect(() =>
      confine(uploadUri(run.bucket, ownerId('bob'), 'in.json'), { ...reader, uploads: true }),
    ).toThrow(/lies outside/);
  });

  test('lets a first-generation prefix of the execution be read, but not the bare prefix', () => {
    const legacy = { ...reader, legacyPrefixes: ['states/run-1/'] };
    expect(confine('s3://state-bucket/states/run-1/a.json', legacy)).toBe(
      's3://state-bucket/states/run-1/a.json',
    );
    expect(() => confine('s3://state-bucket/states/run-1/', legacy)).toThrow(/lies outside/);
  });

  test('never lets generated text out of the run’s prefix', () => {
    law(
      fc.property(
        fc.array(
          fc.constantFrom('runs', 'ann', 'run-1', 'run-2', 'blobs', '..', '.', '', 'x.json', '%2e%2e', 'bob'),
          { maxLength: 8 },
        ),
        (parts) => {
          const uri = `s3://state-bucket/${parts.join('/')}`;
          try {
            return (
              confine(uri, { ...run }).startsWith('s3://state-bucket/runs/ann/run-1/') &&
              !parts.includes('..')
            );
          } catch (error) {
            return error instanceof Error && error.name === 'Pointer.Foreign';
          }
        },
      ),
    );
  });
});

test('an address splits into bucket and key', () => {
  expect(parseS3Uri('s3://state-bucket/a/b.json')).toEqual({ bucket: 'state-bucket', key: 'a/b.json' });
  expect(() => parseS3Uri('state-bucket/a')).toThrow(/not an s3:\/\/ address/);
});

test.each([
  ['in.json', true],
  ['a/b.csv', true],
  ['../b', false],
  ['a//b', false],
  ['/a', false],
])('upload name %p is %p', (name, expected) => {
  expect(isUploadName(name)).toBe(expected);
});
