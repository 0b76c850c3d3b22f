import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, test } from '@jest/globals';
import { awsProblem } from '../src/aws-problem.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const KEY = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };

/** What the SDK throws where AWS answers with an error. */
async function thrown(code: string, message: string, status = 403): Promise<unknown> {
  const server = createServer((_, response) => {
    response.writeHead(status, { 'content-type': 'text/xml' });
    response.end(
      `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // a listening TCP server has one
  const { port } = server.address() as AddressInfo;
  try {
    return await asked({ region: 'eu-west-1', endpoint: `http://127.0.0.1:${port}`, credentials: KEY });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function asked(options: ConstructorParameters<typeof STSClient>[0]): Promise<unknown> {
  const sts = new STSClient({ ...options, maxAttempts: 1 });
  const error = await sts.send(new GetCallerIdentityCommand({})).catch((each: unknown) => each);
  sts.destroy();
  return error;
}

test.each([
  ['ExpiredToken', 'The token is expired', /^the session with AWS .* is over: The token is expired/],
  ['InvalidClientTokenId', 'The token is invalid', /does not know these credentials: The token is invalid/],
  ['SignatureDoesNotMatch', 'It does not match', /does not know these credentials: It does not match/],
  ['AccessDenied', 'You may not', /refuses it: You may not/],
])('%s of AWS is told with the place, what it said, and a mend', async (code, message, sentence) => {
  const { problem = '', mend = '' } = awsProblem(await thrown(code, message)) ?? {};
  expect(problem).toMatch(sentence);
  expect(problem).toMatch(/AWS \([\w:./-]+\)/);
  expect(mend).not.toBe('');
});

test('nobody who answers is told by the address', async () => {
  const error = await asked({ region: 'eu-west-1', endpoint: 'http://127.0.0.1:9', credentials: KEY });
  expect(awsProblem(error)?.problem).toMatch(/cannot be reached: .*127\.0\.0\.1:9/);
});

test('what AWS did not say is none of its problems', () => {
  expect(awsProblem(new TypeError('x is not a function'))).toBeUndefined();
  expect(awsProblem('text')).toBeUndefined();
});

const COMMANDS: readonly (readonly string[])[] = [
  ['packages/deployment/src/commands/deploy.ts', '--stage', 'dev'],
  ['packages/deployment/src/commands/remove.ts', '--stage', 'dev', '--yes'],
  ['packages/deployment/src/commands/prune.ts', '--stage', 'dev'],
  ['packages/deployment/src/commands/verify-deployment.ts', '--stage', 'dev'],
  ['packages/deployment/src/commands/rollback-code.ts', 'executeSegment', '--stage', 'dev'],
  ['packages/deployment/src/commands/rollback-definition.ts', 'v3', '--stage', 'dev'],
];

test('a command of an operator without credentials says so in a sentence and ends with 1', async () => {
  const ended = await Promise.all(COMMANDS.map(withoutCredentials));
  for (const { code, stderr } of ended) {
    expect(stderr).toMatch(/^no credentials of AWS: .*\n {2}mend: set AWS_PROFILE.*\n$/);
    expect(code).toBe(1);
  }
});

function withoutCredentials(command: readonly string[]): Promise<{ code: unknown; stderr: string }> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: join(tmpdir(), 'nobody'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'eu-west-1',
  };
  const args = ['--disable-warning=ExperimentalWarning', ...command];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: ROOT, env }, (error, _, stderr) =>
      resolve({ code: error?.code ?? 0, stderr }),
    );
  });
}
