import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A model behind OpenAI's chat completions protocol that answers every prompt with itself, refuses those it is told to, and counts. */
export interface ModelServer {
  readonly url: string;
  /** Prompts, in the order they came. */
  readonly asked: readonly string[];
  /** Prompts that hold this are answered with 400. */
  refuse(part: string | undefined): void;
  /** Resolves as soon as this many requests have come. */
  reached(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function modelServer(delayMs = 0): Promise<ModelServer> {
  const asked: string[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let refused: string | undefined;
  const server = createServer(async (request, response) => {
    const { messages }: { messages: { content: string }[] } = JSON.parse(await text(request));
    const prompt = messages.at(-1)?.content ?? '';
    asked.push(prompt);
    for (const { count, resolve } of waiting) if (asked.length >= count) resolve();
    const isRefused = refused !== undefined && prompt.includes(refused);
    setTimeout(() => {
      response.writeHead(isRefused ? 400 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isRefused ? { error: { message: 'not this one' } } : completion(`answer to ${prompt}`)));
    }, delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  return {
    url: `http://127.0.0.1:${port}/v1`,
    asked,
    refuse: (part) => {
      refused = part;
    },
    reached: (count) => new Promise((resolve) => (asked.length >= count ? resolve() : waiting.push({ count, resolve }))),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function completion(content: string) {
  return {
    ...{ id: 'c', object: 'chat.completion', created: 0, model: 'echo' },
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
    usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
  };
}
