import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { isStatebagError, type Sha256 } from '@statebag/contracts';
import type { ExecutionId, OwnerId } from '@statebag/contracts/ids';
import { attachedFiles, noFiles, type OpenFile, ownersFiles, sameContent } from './attached-files.ts';

const shaOf = (text: string) => createHash('sha256').update(text).digest('hex') as Sha256;

/** Files by name, in a few pieces. */
function files(contents: Readonly<Record<string, string>>): OpenFile {
  return async (name) =>
    (async function* () {
      const bytes = Buffer.from(contents[name] ?? '');
      const piece = Math.max(2, bytes.length / 4);
      for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
    })();
}

const failing = (work: Promise<unknown>) =>
  work.then(
    () => ['no error', ''],
    (error) => (isStatebagError(error) ? [error.name, error.message] : [String(error), '']),
  );

describe('an attached file', () => {
  test('is known by its content and by what its name or its reference says it is', async () => {
    const named = [
      { name: 'a/scan.PNG', media_type: undefined },
      { name: 'letter', media_type: 'application/pdf' },
    ];
    expect(await attachedFiles(named, 'openai', files({ 'a/scan.PNG': 'pixels', letter: 'pages' }))).toEqual([
      { name: 'a/scan.PNG', media_type: 'image/png', bytes: 6, sha256: shaOf('pixels') },
      { name: 'letter', media_type: 'application/pdf', bytes: 5, sha256: shaOf('pages') },
    ]);
  });

  const large = 'x'.repeat(4 * 1024 * 1024);
  const refused: readonly [string, string, string, OpenFile, string][] = [
    [
      'for a provider that takes none',
      'openai-compatible',
      'a.png',
      files({ 'a.png': 'x' }),
      'takes no files',
    ],
    ['of a kind the provider does not take', 'google', 'a.gif', files({ 'a.gif': 'x' }), 'does not take'],
    ['of no known kind', 'openai', 'a.exe', files({ 'a.exe': 'x' }), 'give `media_type`'],
    ['that is empty', 'openai', 'a.png', files({ 'a.png': '' }), 'is empty'],
    ['that is too large', 'bedrock', 'a.png', files({ 'a.png': large }), 'larger than the 3932160 bytes'],
    ['where there are no uploads', 'openai', 'a.png', noFiles, 'no upload can be read here'],
  ];
  for (const [what, provider, name, open, message] of refused) {
    test(`is refused ${what}`, async () => {
      const failure = await failing(attachedFiles([{ name, media_type: undefined }], provider, open));
      expect(failure).toEqual(['Llm.FileRefused', expect.stringContaining(message)]);
    });
  }

  test('is refused where all of them together are too large', async () => {
    const named = Array.from({ length: 6 }, () => ({ name: 'a.pdf', media_type: undefined }));
    const failure = await failing(attachedFiles(named, 'bedrock', files({ 'a.pdf': large })));
    expect(failure[1]).toContain('larger than the 0 bytes');
  });

  test('that was replaced is not sent to its end', async () => {
    const file = { name: 'a.png', media_type: 'image/png', bytes: 6, sha256: shaOf('pixels') };
    const sent: string[] = [];
    const send = async (content: string) => {
      sent.length = 0;
      for await (const piece of sameContent(file, files({ 'a.png': content }))) sent.push(String(piece));
    };
    await send('pixels');
    expect(sent.join('')).toBe('pixels');
    expect(await failing(send('pixelz'))).toEqual(['Store.Unavailable', expect.stringContaining('replaced')]);
    expect(sent.join('')).toBe('pixe');
  });

  test('lies under the uploads of the owner, and no name leads elsewhere', async () => {
    const opened: string[] = [];
    const open = ownersFiles(
      {
        open: async (uri) => {
          opened.push(uri);
          return { body: (async function* () {})(), etag: '' };
        },
        write: async () => ({ outcome: 'created' }),
      },
      // ids of the grammar
      { bucket: 'a-bucket', owner_id: 'ada' as OwnerId, execution_id: 'run-1' as ExecutionId },
    );
    await open('scans/a.png');
    for (const name of ['../bob/a.png', 'x/../../bob/a.png', ''])
      expect((await failing(open(name)))[0]).toBe('Pointer.Foreign');
    expect(opened).toEqual(['s3://a-bucket/uploads/ada/scans/a.png']);
  });
});
