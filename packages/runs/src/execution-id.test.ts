import { expect, test } from '@jest/globals';
import { isId, type OwnerId, type WorkflowId } from '@statebag/contracts/ids';
import { base32, keyedExecutionId, readableExecutionId } from './execution-id.ts';

test('base32 is that of RFC 4648, in lower case and without padding', () => {
  const cases = {
    f: 'my',
    fo: 'mzxq',
    foo: 'mzxw6',
    foob: 'mzxw6yq',
    fooba: 'mzxw6ytb',
    foobar: 'mzxw6ytboi',
  };
  for (const [text, encoded] of Object.entries(cases)) expect(base32(Buffer.from(text))).toBe(encoded);
});

test('a key of an owner and workflow stands for one id, and for another owner or workflow for another', () => {
  const of = (owner: string, workflow: string, key: string) =>
    keyedExecutionId(owner as OwnerId, workflow as WorkflowId, key);
  expect(of('ada', 'triage', 'k')).toBe(of('ada', 'triage', 'k'));
  const ids = [
    of('ada', 'triage', 'k'),
    of('eve', 'triage', 'k'),
    of('ada', 'other', 'k'),
    of('ada', 'triage', 'l'),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});

test('any name of a workflow gives a readable id in the grammar of ids', () => {
  expect(readableExecutionId('Ticket triage')).toMatch(/^Ticket-triage-[0-9a-z]+-[0-9a-z]{4}$/);
  for (const name of ['', '…', '-- x', 'y'.repeat(200)]) expect(isId(readableExecutionId(name))).toBe(true);
});
