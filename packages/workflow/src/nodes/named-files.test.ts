import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@statebag/contracts';
import type { BranchPath } from '@statebag/contracts/ids';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import { TEST_RUN, testLedger } from '../../test/run-in-segments.ts';
import { compileWorkflow, readWorkflow, runSegment } from '../index.ts';
import type { LlmRequest } from '../providers/llm-provider.ts';

const SECRET = 'these are the bytes of the scan';

function read(config: JsonObject) {
  const ask = {
    id: 'ask',
    type: 'llm_chat',
    output_key: 'answer',
    config: { prompt: 'What is it?', ...config },
  };
  const document = { name: 'looks', initial_state: { scan: 'a.png' }, nodes: [ask] };
  return readWorkflow(JSON.stringify(document), { file: 'looks.json' });
}

interface Setting {
  readonly scan: Json;
  readonly config?: JsonObject;
  readonly store?: MemoryObjectStore;
  readonly content?: string;
}

/** Runs the only segment and gives what the model was asked and what is left of it. */
async function looked({ scan, config = {}, store = new MemoryObjectStore(), content = SECRET }: Setting) {
  const { workflow, diagnostics } = read({ files: [{ file_from: 'scan' }], ...config });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  const { segments, manifest } = compileWorkflow(workflow);
  const segment = segments.get(manifest.first_segment);
  if (!segment) throw new Error('no segment');
  const asked: LlmRequest[] = [];
  const opened: string[] = [];
  const draft = await runSegment({
    segment,
    state: { scan },
    run: {
      ...TEST_RUN,
      branch_path: '' as BranchPath, // the root of a run
      loop_counter: 0,
      resume_count: 0,
      cursor: null,
      now: TEST_RUN.start_time,
    },
    deadline: Number.POSITIVE_INFINITY,
    clock: () => 0,
    ledger: testLedger(store),
    providers: async () => ({
      complete: async (request) => {
        asked.push(request);
        return { text: 'A parcel.', input_tokens: 1, output_tokens: 1 };
      },
    }),
    openFile: async (name) => {
      opened.push(name);
      return (async function* () {
        yield Buffer.from(content);
      })();
    },
  });
  return { draft, asked, opened, reads: segment.flow.nodes['ask']?.reads };
}

const sha256 = createHash('sha256').update(SECRET).digest('hex');
const A_PNG = { name: 'a.png', media_type: 'image/png', bytes: SECRET.length, sha256 };

describe('files of a question', () => {
  const references: readonly [string, Json, readonly object[]][] = [
    ['its name', 'a.png', [A_PNG]],
    [
      'a reference',
      { upload: 'a', media_type: 'image/webp' },
      [{ ...A_PNG, name: 'a', media_type: 'image/webp' }],
    ],
    [
      'a list',
      ['a.png', { upload: 'b/c.pdf' }],
      [A_PNG, { ...A_PNG, name: 'b/c.pdf', media_type: 'application/pdf' }],
    ],
  ];
  for (const [what, scan, files] of references) {
    test(`are those that a field names by ${what}, and the field is read`, async () => {
      const { asked, reads } = await looked({ scan });
      expect(asked[0]?.files).toEqual(files.map((file) => ({ ...file, content: expect.any(Function) })));
      expect(reads).toEqual(['scan']);
    });
  }

  test('are in no record, no result and no hand-over, and the hash of their content is', async () => {
    const store = new MemoryObjectStore();
    const { draft } = await looked({ scan: 'a.png', store });
    const handed = await looked({ scan: 'a.png', store, config: { async: true, provider: 'openai' } });
    const kept = JSON.stringify([
      draft,
      handed.draft,
      await Promise.all(store.uris().map(async (uri) => Buffer.from((await store.get(uri)).body).toString())),
    ]);
    expect(kept).not.toContain(SECRET);
    expect(kept).not.toContain(Buffer.from(SECRET).toString('base64'));
    expect(handed.draft.request).toMatchObject({ call: { files: [A_PNG] } });
  });

  test('make another call where their content is another, and none where only the name is', async () => {
    const store = new MemoryObjectStore();
    await looked({ scan: 'a.png', store });
    expect((await looked({ scan: 'copy-of-a.png', store })).asked).toHaveLength(0);
    expect((await looked({ scan: 'a.png', store, content: 'another' })).asked).toHaveLength(1);
  });

  const bad: readonly [string, Json, string][] = [
    ['no name', 7, 'Node.Failed'],
    ['nothing', null, 'Node.Failed'],
    ['a way out of the uploads', '../bob/a.png', 'Pointer.Foreign'],
    ['an address', 's3://a-bucket/uploads/bob/a.png', 'Pointer.Foreign'],
    ['a pointer', { type: 's3_reference', s3_path: 's3://a-bucket/x' }, 'Node.Failed'],
    ['a kind that no provider takes', 'a.exe', 'Llm.FileRefused'],
  ];
  for (const [what, scan, code] of bad) {
    test(`fail the node, and nothing is opened, where the field holds ${what}`, async () => {
      const { draft, opened, asked } = await looked({ scan });
      expect([draft.error_info?.error, opened, asked]).toEqual([code, [], []]);
    });
  }

  const refused: readonly [string, JsonObject, string][] = [
    ['a provider that takes none', { provider: 'openai-compatible' }, 'takes no `files`; mock, openai'],
    ['a file without its field', { files: [{}] }, '`file_from` is missing'],
    ['the bytes themselves', { files: ['iVBORw0KGgo='] }, 'a list of { "file_from"'],
    ['a key that is not known', { files: [{ file_from: 'scan', url: 'x' }] }, '`url` is not known here'],
  ];
  for (const [what, config, message] of refused) {
    test(`are refused by validate with ${what}`, () => {
      const { diagnostics } = read({ files: [{ file_from: 'scan' }], ...config });
      expect(diagnostics.map((found) => found.message).join('\n')).toContain(message);
    });
  }

  test('are missed by validate where nothing writes their field', () => {
    const { diagnostics } = read({ files: [{ file_from: 'photo' }] });
    expect(diagnostics.map(({ code }) => code)).toEqual(['unwritten-read']);
  });
});
