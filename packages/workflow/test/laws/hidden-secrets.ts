import { isStatebagError, type JsonObject, StatebagError } from '@statebag/contracts';
import { addressText } from '@statebag/contracts/address-text';
import type { BranchPath } from '@statebag/contracts/ids';
import { law } from '@statebag/law';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import fc from 'fast-check';
import type { HttpAnswer, HttpRequest } from '../../src/http/http-client.ts';
import { compileWorkflow, createProviders, readWorkflow, runSegment } from '../../src/index.ts';
import { TEST_RUN, testLedger } from '../run-in-segments.ts';

/** Uses of a secret, as a workflow may write them. */
const USES: readonly JsonObject[] = [
  { headers: { authorization: "Bearer {{ $secret('key') }}" } },
  { headers: { authorization: "{% 'Basic ' & $base64encode('me:' & $secret('key')) %}" } },
  { headers: { 'x-key': "{% $secret('key') %}" }, body: { a: [{ b: "{{ $secret('key') }}" }] } },
  { body: "user=me&key={{ $secret('key') }}" },
  { url: "https://x.example/a?key={{ $encodeUrlComponent($secret('key')) }}&n=1" },
  { url: "https://x.example/bot{{ $secret('key') }}/send" },
  { url: "{% 'https://x.example/hooks/' & $secret('key') %}" },
  { body: { key: "{% $encodeUrlComponent($secret('key')) %}", n: '{% order.id %}' } },
];

/** What a service may make of what it was sent. */
const ECHOES: Readonly<Record<string, (sent: string) => string>> = {
  'as it is': (sent) => sent,
  'in JSON': (sent) => JSON.stringify({ sent }),
  'twice in JSON': (sent) => JSON.stringify({ data: JSON.stringify({ sent }) }),
  'in base64': (sent) => JSON.stringify({ data: Buffer.from(sent).toString('base64') }),
  'in an address': (sent) => `https://x.example/?sent=${encodeURIComponent(sent)}`,
  'not at all': () => '{}',
};

const anyCase = fc.record({
  use: fc.constantFrom(...USES),
  echo: fc.constantFrom(...Object.keys(ECHOES)),
  status: fc.constantFrom(200, 201, 302, 400, 401, 404, 500, 503),
  /** Letters enough that it cannot stand anywhere by chance, and what is escaped in one form or another. */
  secret: fc
    .tuple(fc.stringMatching(/^[A-Za-z0-9+/=_-]{16,40}$/), fc.stringMatching(/^[ -~]{0,12}$/))
    .map(([letters, others]) => letters + others.trim() + letters.slice(0, 8)),
  method: fc.constantFrom('GET', 'POST'),
  /** The service is not reached, and the client says what it wanted to send. */
  fails: fc.boolean(),
});

/**
 * A call with a secret, over a service that repeats what it was sent: neither what the node wrote, nor any
 * stored object, nor an error holds the secret in any form, and another value asks nothing again.
 */
export async function prove({ count, seed }: { count: number; seed?: number }): Promise<string> {
  let looked = 0;
  const holds = fc.asyncProperty(anyCase, async ({ use, echo, status, secret, method, fails }) => {
    const store = new MemoryObjectStore();
    const seen: HttpRequest[] = [];
    const http = async (request: HttpRequest): Promise<HttpAnswer> => {
      seen.push(request);
      const sent = [request.url, ...Object.values(request.headers), request.body?.text ?? ''].join('\n');
      if (fails) throw new StatebagError('Http.Unavailable', `${addressText(request.url)}: ${sent}`);
      const text = (ECHOES[echo] ?? String)(sent);
      const headers = {
        'content-type': 'application/json',
        'x-echo': request.headers['authorization'] ?? '',
      };
      return { status, headers, text };
    };
    const run = (value: string) =>
      runCall({ method, ...use }, { store, http, secret: async () => value }).then(
        (draft) => JSON.stringify(draft),
        (error: unknown) => {
          if (!isStatebagError(error)) throw error;
          return JSON.stringify([error.message, error.details]) + String(error.stack);
        },
      );
    const first = await run(secret);
    const texts = [first];
    for (const uri of store.uris()) texts.push(uri, Buffer.from((await store.get(uri)).body).toString());
    for (const text of texts) refuse(text, secret, `${JSON.stringify(use)} echoed ${echo}, ${status}`);
    looked += texts.length;
    if (status >= 400 || fails) return;
    if ((await run('rotated-to-another-value')) !== first)
      throw new Error('another value gave another result');
    if (seen.length !== 1) throw new Error(`asked ${seen.length} times`);
  });
  await law(holds, { cases: count, ...(seed !== undefined && { seed }) });
  return `${looked} texts looked through`;
}

/** @throws where the text holds the secret, in any of its forms */
export function refuse(text: string, secret: string, where: string): void {
  const json = JSON.stringify(secret).slice(1, -1);
  const forms = [secret, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(secret)];
  for (const offset of [0, 1, 2]) {
    const base64 = Buffer.concat([Buffer.alloc(offset, 'x'), Buffer.from(secret)]).toString('base64');
    // the first and last characters depend on what stands around it
    forms.push(base64.slice(4, -4));
  }
  for (const form of forms) if (text.includes(form)) throw new Error(`${where}: ${form} stands in ${text}`);
}

interface Around {
  readonly store: MemoryObjectStore;
  readonly http: (request: HttpRequest) => Promise<HttpAnswer>;
  readonly secret: (name: string) => Promise<string>;
}

function runCall(config: JsonObject, { store, ...outside }: Around) {
  const node = {
    id: 'call',
    type: 'api_call',
    output_key: 'answer',
    config: { url: 'https://x.example/', ...config },
  };
  const document = { name: 'secret', initial_state: { order: { id: 7 } }, nodes: [node] };
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(document), { file: 'secret.json' });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  const { segments, manifest } = compileWorkflow(workflow);
  const segment = segments.get(manifest.first_segment);
  if (!segment) throw new Error('no segment');
  // the root of a run
  const branch_path = '' as BranchPath;
  return runSegment({
    segment,
    state: document.initial_state,
    run: {
      ...TEST_RUN,
      branch_path,
      loop_counter: 0,
      resume_count: 0,
      cursor: null,
      now: TEST_RUN.start_time,
    },
    deadline: Number.POSITIVE_INFINITY,
    clock: () => 0,
    ledger: testLedger(store),
    providers: createProviders(),
    ...outside,
  });
}
