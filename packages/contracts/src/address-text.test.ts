import { expect, test } from '@jest/globals';
import { law } from '@statebag/law';
import fc from 'fast-check';
import { addressText, withShortAddresses } from './address-text.ts';

const SHOWN: readonly [address: string, shown: string][] = [
  ['https://api.example/v1/x?key=s3cret#s3cret', 'https://api.example/v1/x'],
  ['https://s3cret:s3cret@api.example/', 'https://api.example/'],
  ['http://127.0.0.1:8080/a b', 'http://127.0.0.1:8080/a%20b'],
  ['http://user:s3cret@host:99999/x?s3cret', 'host:99999/x'],
  ['nonsense?s3cret', 'nonsense'],
  ['file:///etc/passwd', '/etc/passwd'],
  ['data:s3cret@x', 'x'],
];
for (const [address, shown] of SHOWN)
  test(`shows ${shown} and nothing else`, () => expect(addressText(address)).toContain(shown));

test('shows neither user info nor query nor fragment of any address', () => {
  const secret = fc.stringMatching(/^s3cret[a-z0-9]{8}$/);
  const around = fc.stringMatching(/^[a-z0-9.:/ %[\]-]{0,12}$/);
  law(
    fc.property(secret, around, around, (hidden, host, path) => {
      const places = [
        `https://${hidden}@${host}/${path}`,
        `https://u:${hidden}@${host}/${path}`,
        `https://${host}/${path}?k=${hidden}`,
        `${host}#${hidden}`,
      ];
      for (const address of places) expect(addressText(address)).not.toContain(hidden);
    }),
  );
});

test('shortens every address in a sentence', () =>
  expect(
    withShortAddresses('cannot reach "https://me:s3cret@a.example/x?k=s3cret", nor http://b/?s3cret'),
  ).toBe('cannot reach "https://a.example/x", nor http://b/'));
