import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A model behind OpenAI's chat completions protocol that answers every prompt with itself, slowly, and counts. */
export interface ModelServer {
  readonly url: string;
  /** Idempotency keys of the requests, in the order they came. */
  readonly seen: readonly string[];
  /** Resolves as soon as this many requests have come. */
  reached(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function modelServer(delayMs: number): Promise<ModelServer> {
  const seen: string[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const server = createServer(async (request, response) => {
    seen.push(String(request.headers['idempotency-key']));
    for (const { count, resolve } of waiting) if (seen.length >= count) resolve();
    const { messages }: { messages: { content: string }[] } = JSON.parse(await text(request));
    const content = `answer to ${messages.at(-1)?.content}`;
    setTimeout(() => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(completion(content)));
    }, delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  return {
    url: `http://127.0.0.1:${port}/v1`,
    seen,
    reached: (count) => new Promise((resolve) => (seen.length >= count ? resolve() : waiting.push({ count, resolve }))),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function completion(content: string) {
  return {
    id: 'c',
    object: 'chat.completion',
    created: 0,
    model: 'echo',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
    usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
  };
}
