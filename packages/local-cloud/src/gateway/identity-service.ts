import { ApiError } from '../ports.ts';
import type { Identity } from './keyring.ts';
import { type Answer, headerOf, type Request } from './request.ts';

/** STS speaks neither JSON nor REST; its requests are told by the service they are signed for. */
export function asksForIdentity(request: Request): boolean {
  return /Credential=[^,]*\/sts\/aws4_request/.test(headerOf(request, 'authorization') ?? '');
}

/** Who signed a request, as STS says it; the account's root, or the role of a function. @throws ApiError for everything else that STS can do */
export function answerIdentity(text: string, { identity, account, requestId }: { identity: Identity; account: string; requestId: string }): Answer {
  const action = new URLSearchParams(text).get('Action');
  if (action !== 'GetCallerIdentity') throw new ApiError('InvalidAction', `${action} is not an operation of the local cloud`);
  const { functionName } = identity;
  const arn = functionName === undefined ? `arn:aws:iam::${account}:root` : `arn:aws:sts::${account}:assumed-role/${functionName}/${functionName}`;
  const result = `<Arn>${arn}</Arn><UserId>${identity.accessKeyId}</UserId><Account>${account}</Account>`;
  const body = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${result}</GetCallerIdentityResult><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;
  return { status: 200, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
}
