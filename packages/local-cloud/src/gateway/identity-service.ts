import { randomBytes } from 'node:crypto';
import { ApiError } from '@statebag/states';
import type { Rights } from '../iam/evaluate.ts';
import { arnOf, type Principal } from '../iam/policy.ts';
import { escapeXml } from './error-forms.ts';
import type { Answer, Identity, Keyring, Request } from './request.ts';
import { signedFor } from './signature.ts';

/** STS speaks neither JSON nor REST; its requests are told by the service they are signed for. */
export function asksForIdentity(request: Request): boolean {
  return signedFor(request)?.service === 'sts';
}

interface Asking {
  readonly identity: Identity;
  readonly account: string;
  readonly requestId: string;
  readonly keyring: Keyring;
  readonly rights: Rights;
}

const ACTIONS: Readonly<Record<string, (form: URLSearchParams, asking: Asking) => string>> = {
  GetCallerIdentity: (_, { identity, account }) =>
    elements({ Arn: arnOf(identity.principal), UserId: identity.accessKeyId, Account: account }),
  AssumeRole: assumeRole,
};

/**
 * Who signed a request, and keys of roles for whoever may take them on. @throws ApiError for everything
 * else
 */
export function answerIdentity(text: string, asking: Asking): Answer {
  const form = new URLSearchParams(text);
  const action = form.get('Action') ?? '';
  const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (run === undefined)
    throw new ApiError('InvalidAction', `${action} is not an operation of the local cloud`);
  const { requestId } = asking;
  const body = `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${run(form, asking)}</${action}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`;
  return { status: 200, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
}

const HOUR_MS = 3_600_000;

/** A key for a role. It is known as long as this process lives; that is its session. */
function assumeRole(form: URLSearchParams, { identity, account, keyring, rights }: Asking): string {
  const [arn, session] = [form.get('RoleArn') ?? '', form.get('RoleSessionName') ?? ''];
  rights.require(identity.principal, [{ action: 'sts:AssumeRole', resource: arn }]);
  const principal: Principal = { kind: 'role', account, arn, session };
  const accessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
  const secretAccessKey = randomBytes(30).toString('base64url');
  keyring.add({ accessKeyId, secretAccessKey, principal });
  const credentials = elements({
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: randomBytes(30).toString('base64url'),
    Expiration: new Date(Date.now() + HOUR_MS).toISOString(),
  });
  const user = elements({ Arn: arnOf(principal), AssumedRoleId: `${accessKeyId}:${session}` });
  return `<Credentials>${credentials}</Credentials><AssumedRoleUser>${user}</AssumedRoleUser>`;
}

function elements(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
    .join('');
}
