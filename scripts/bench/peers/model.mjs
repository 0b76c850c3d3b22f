// A model that a crash is tried with: it notes each call, and takes as long as a step.
import { createServer } from 'node:http';
import { noted } from './work.mjs';

const ANSWER = {
  ...{ id: 'answer', object: 'chat.completion', created: 1, model: 'bench' },
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'ok' } }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};

export async function startModel() {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    await noted(promptOf(JSON.parse(body)));
    response.setHeader('content-type', 'application/json').end(JSON.stringify(ANSWER));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/v1` };
}

function promptOf({ messages }) {
  const { content } = messages.at(-1);
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('');
}
