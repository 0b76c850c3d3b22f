import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What a model says, or why it says nothing. */
export type ModelAnswer = { readonly content: string } | { readonly refused: string };

export interface ModelServerOptions {
  readonly delayMs?: number;
  /** By default each prompt is answered with itself. */
  readonly answer?: (prompt: string) => ModelAnswer;
}

/** A model behind OpenAI's chat completions protocol, on loopback, that keeps what it was asked. */
export interface ModelServer {
  readonly url: string;
  /** Prompts, in the order they came. */
  readonly asked: readonly string[];
  /** Idempotency keys, in the same order. */
  readonly keys: readonly string[];
  /** Prompts that hold this are refused from now on. */
  refuse(part: string | undefined): void;
  /** Resolves as soon as this many requests have come. */
  reached(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function modelServer({
  delayMs = 0,
  answer = (prompt) => ({ content: `answer to ${prompt}` }),
}: ModelServerOptions = {}): Promise<ModelServer> {
  const asked: string[] = [];
  const keys: string[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let refusing: string | undefined;
  const server = createServer(async (request, response) => {
    const { messages }: { messages: { content: string }[] } = JSON.parse(await text(request));
    const prompt = messages.at(-1)?.content ?? '';
    asked.push(prompt);
    keys.push(String(request.headers['idempotency-key']));
    for (const { count, resolve } of waiting) if (asked.length >= count) resolve();
    const said =
      refusing !== undefined && prompt.includes(refusing) ? { refused: 'not this one' } : answer(prompt);
    setTimeout(() => {
      response.writeHead('refused' in said ? 400 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify('refused' in said ? refusal(said.refused) : completion(said.content)));
    }, delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  return {
    url: `http://127.0.0.1:${port}/v1`,
    asked,
    keys,
    refuse: (part) => {
      refusing = part;
    },
    reached: (count) =>
      new Promise((resolve) => (asked.length >= count ? resolve() : waiting.push({ count, resolve }))),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function refusal(message: string) {
  return { error: { message, type: 'invalid_request_error' } };
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
