import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { hydrate, type Json, OffloadError, type OffloadStore } from '../src/index.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

interface Vectors {
  readonly place: { readonly bucket: string; readonly prefix: string };
  readonly read: readonly (Stored & { readonly reads?: readonly string[]; readonly value: Json })[];
  readonly refused: readonly (Stored & { readonly error: string })[];
  readonly data: readonly { readonly name: string; readonly value: Json }[];
}

interface Stored {
  readonly name: string;
  readonly payload: Json;
  readonly objects: Readonly<Record<string, string>>;
}

const FILE = join(import.meta.dirname, '..', 'vectors', 'pointer-format.json');
const { place, read, refused, data }: Vectors = JSON.parse(readFileSync(FILE, 'utf8'));

const storeOf = (objects: Readonly<Record<string, string>>): OffloadStore => ({
  put: async () => {},
  async read({ Key }, offset, length) {
    const body = objects[Key];
    if (body === undefined) throw new OffloadError('Offload.ObjectMissing', Key);
    return Buffer.from(body).subarray(offset, offset + length);
  },
});

describe('the vectors of the pointer format', () => {
  test.each(read.map((vector) => [vector.name, vector] as const))('read: %s', async (_, vector) => {
    const { payload, objects, reads, value } = vector;
    const options = { ...place, store: storeOf(objects), ...(reads && { reads }) };
    expect(await hydrate(payload, options)).toEqual(value);
  });

  test.each(refused.map((vector) => [vector.name, vector] as const))('refused: %s', async (_, vector) => {
    const told = hydrate(vector.payload, { ...place, store: storeOf(vector.objects) });
    await expect(told).rejects.toMatchObject({ name: `Offload.${vector.error}` });
  });

  test.each(data.map(({ name, value }) => [name, value] as const))(
    'data, no pointer: %s',
    async (_, value) => {
      expect(await hydrate({ a: [value] }, { ...place, store: storeOf({}) })).toEqual({ a: [value] });
    },
  );

  const python = spawnSync('python3', ['--version']).status === 0 ? test : test.skip;
  python('hold for the client in Python', () => {
    const cwd = join(ROOT, 'clients', 'python');
    const { status, stderr } = spawnSync('python3', ['-m', 'unittest', '-q'], { cwd, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(/Ran [1-9]\d* tests/) });
  });
});
