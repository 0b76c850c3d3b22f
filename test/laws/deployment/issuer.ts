import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Issuer {
  readonly url: string;
  /** A token for the audience `statebag`, good for an hour. */
  token(claims: object): Promise<string>;
  close(): void;
}

/** Whoever issues tokens, on this machine: its discovery document, its one key, and tokens signed with it. */
export async function openIssuer(): Promise<Issuer> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' }];
  const server = createServer((request, response) =>
    response.end(
      JSON.stringify(request.url === '/keys' ? { keys } : { issuer: url(), jwks_uri: `${url()}/keys` }),
    ),
  );
  // a listening TCP server has one
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: url(),
    token: async (claims) => {
      const exp = Math.floor(Date.now() / 1000) + 3_600;
      const parts = [
        { alg: 'ES256', kid: 'one' },
        { iss: url(), aud: 'statebag', exp, ...claims },
      ];
      const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
      const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${text}.${signature.toString('base64url')}`;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
