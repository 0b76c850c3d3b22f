import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface ModelServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A model behind OpenAI's chat completions protocol that does what the prompt's first word says: REFUSE, BABBLE (no JSON), or answer the prompt with itself. */
export async function modelServer(): Promise<ModelServer> {
  const server = createServer(async (request, response) => {
    const { messages }: { messages: { content: string }[] } = JSON.parse(await text(request));
    const prompt = messages.at(-1)?.content ?? '';
    response.setHeader('content-type', 'application/json');
    if (prompt.startsWith('REFUSE'))
      response.writeHead(400).end(JSON.stringify({ error: { message: 'this prompt is not allowed', type: 'invalid_request_error' } }));
    else response.end(JSON.stringify(completion(prompt.startsWith('BABBLE') ? 'certainly! here you go' : prompt)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  return {
    url: `http://127.0.0.1:${port}/v1`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function completion(content: string) {
  const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }];
  return { id: 'c', object: 'chat.completion', created: 0, model: 'echo', choices, usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } };
}
