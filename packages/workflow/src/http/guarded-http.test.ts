import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isStatebagError } from '@statebag/contracts';
import { guardedHttp } from './guarded-http.ts';
import type { HttpRequest } from './http-client.ts';
import { isInside } from './private-addresses.ts';

let server: Server;
let origin: string;
let requests = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests += 1;
    const [, path = '', argument = ''] = (request.url ?? '').split('/');
    if (path === 'nowhere') response.writeHead(302, { location: 'http://[' }).end();
    else if (path === 'again') response.writeHead(307, { location: decodeURIComponent(argument) }).end();
    else if (path === 'headers') response.end(JSON.stringify(request.headers));
    else if (path === 'redirect') response.writeHead(302, { location: decodeURIComponent(argument) }).end();
    else if (path === 'large') response.end('x'.repeat(10_000));
    else if (path === 'slow') setTimeout(() => response.end('late'), 90);
    else
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ method: request.method, auth: request.headers['authorization'] ?? null }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  origin = `http://127.0.0.1:${port}`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

function request(url: string, change: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url, headers: {}, body: null, timeout_ms: 2_000, max_bytes: 5_000, ...change };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'no error';
  } catch (error) {
    return isStatebagError(error) ? error.name : String(error);
  }
}

const localhostToo = guardedHttp({
  allowed_hosts: ['127.0.0.1', 'localhost'],
  lookup: async () => [{ address: '127.0.0.1', family: 4 }],
});
const open = guardedHttp({ allowed_hosts: ['127.0.0.1', 'localhost'] });

describe('a request that leads inside is refused before it is sent:', () => {
  const addresses = [
    'http://127.0.0.1/',
    'http://localhost/',
    'http://10.1.2.3/',
    'http://169.254.169.254/latest/meta-data',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://[fd00::1]/',
    'http://[::127.0.0.1]/',
    'http://[::ffff:0:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[0:0:0:0:0:ffff:a9fe:a9fe]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[64:ff9b:1::7f00:1]/',
    'http://[2002:7f00:1::1]/',
    'http://[2001:0:7f00:1::1]/',
    'http://[2606:4700::5efe:10.0.0.1]/',
    'http://[2606:4700::200:5efe:a00:1]/',
    'http://[fe80::1]/',
    'http://[ff02::1]/',
    'http://[5f00::1]/',
    'file:///etc/passwd',
    'nonsense',
  ];
  for (const address of addresses)
    test(address, async () =>
      expect(await codeOf(guardedHttp()(request(address)))).toBe('Http.AddressRefused'),
    );

  test('a public name with a private address', async () => {
    const client = guardedHttp({
      lookup: async () => [
        { address: '93.184.216.34', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ],
    });
    expect(await codeOf(client(request('http://example.test/')))).toBe('Http.AddressRefused');
  });

  test('a redirect to a private address', async () => {
    const before = requests;
    expect(await codeOf(open(request(`${origin}/redirect/${encodeURIComponent('http://10.0.0.1/')}`)))).toBe(
      'Http.AddressRefused',
    );
    expect(requests).toBe(before + 1);
  });
});

describe('a request that is allowed', () => {
  test('gives status, headers and text', async () => {
    const { status, headers, text } = await open(
      request(`${origin}/`, { method: 'POST', body: { text: '{}', type: 'application/json' } }),
    );
    expect([status, headers['content-type'], JSON.parse(text)]).toEqual([
      200,
      'application/json',
      { method: 'POST', auth: null },
    ]);
  });

  test('keeps its secrets from another origin', async () => {
    const elsewhere = origin.replace('127.0.0.1', 'localhost');
    const { text } = await guardedHttp({
      allowed_hosts: ['127.0.0.1', 'localhost'],
      lookup: async () => [{ address: '127.0.0.1', family: 4 }],
    })(
      request(`${origin}/redirect/${encodeURIComponent(elsewhere)}`, {
        headers: { authorization: 'secret' },
      }),
    );
    expect(JSON.parse(text)).toEqual({ method: 'GET', auth: null });
  });

  const CREDENTIALS = ['authorization', 'cookie', 'x-api-key', 'x-goog-api-key', 'api-key', 'x-my-own-thing'];
  for (const header of CREDENTIALS)
    test(`keeps ${header} from another origin, and accept goes on`, async () => {
      const elsewhere = `${origin.replace('127.0.0.1', 'localhost')}/headers`;
      const { text } = await localhostToo(
        request(`${origin}/redirect/${encodeURIComponent(elsewhere)}`, {
          headers: { [header]: 'secret', accept: 'text/plain' },
        }),
      );
      expect(JSON.parse(text)[header]).toBeUndefined();
      expect(JSON.parse(text).accept).toBe('text/plain');
    });

  test('sends a body with a secret to no other origin', async () => {
    const elsewhere = encodeURIComponent(`${origin.replace('127.0.0.1', 'localhost')}/`);
    const posted = request(`${origin}/again/${elsewhere}`, {
      method: 'POST',
      body: { text: 'secret', type: 'text/plain' },
      keepsBody: true,
    });
    expect(await codeOf(localhostToo(posted))).toBe('Http.Refused');
  });

  test('fails with a code when it is sent to no address', async () =>
    expect(await codeOf(open(request(`${origin}/nowhere`)))).toBe('Http.Refused'));

  const HEADERS: readonly [what: string, name: string, value: string][] = [
    ['a line break', 'x-a', 'one\r\nx-b: two'],
    ['a character outside of Latin-1', 'x-a', 'grüße €'],
    ['a name with a space', 'x a', 'one'],
    ['no name', '', 'one'],
  ];
  for (const [what, name, value] of HEADERS)
    test(`fails with a code, and without its value, for a header with ${what}`, async () => {
      const failure = await open(request(`${origin}/`, { headers: { [name]: value } })).catch(
        (error) => error,
      );
      expect(failure).toMatchObject({ name: 'Http.RequestInvalid', details: { end: 'not_sent' } });
      expect(failure.message).not.toContain(value);
    });

  test('shows neither user info nor query in its errors', async () => {
    const address = `${origin.replace('//', '//me:s3cret@')}/slow/?key=s3cret`;
    const failure = await open(request(address, { timeout_ms: 20 })).catch((error) => error);
    expect(failure.message).toContain(`${origin}/slow`);
    expect(failure.message).not.toContain('s3cret');
  });

  test('ends when the answer is too long', async () =>
    expect(await codeOf(open(request(`${origin}/large`)))).toBe('Http.TooLarge'));
  test('ends when the answer is too late', async () =>
    expect(await codeOf(open(request(`${origin}/slow`, { timeout_ms: 20 })))).toBe('Http.Unavailable'));
  test('ends when it is sent round and round', async () =>
    expect(await codeOf(open(request(`${origin}/redirect/${encodeURIComponent('/redirect/x')}`)))).not.toBe(
      'no error',
    ));
});

test('an address that is no address counts as inside', () =>
  expect(['', 'x', '1.2.3'].every(isInside)).toBe(true));
test('a public address is outside', () =>
  expect(['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'].some(isInside)).toBe(false));
