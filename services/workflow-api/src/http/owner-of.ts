import { createHash } from 'node:crypto';
import type { ApiEvent } from '@statebag/api';
import { StatebagError } from '@statebag/contracts';
import { isId, type OwnerId, ownerId } from '@statebag/contracts/ids';
import { base32 } from '@statebag/runs';

/** Who asks: the owner whose runs they are, and the person, for the record of decisions. */
export interface Caller {
  readonly owner_id: OwnerId;
  readonly subject: string;
}

/**
 * The caller of a request whose token or signature API Gateway has checked. The owner is the hash of issuer
 * and subject, unless a claim that the
 * deployment names holds an id.
 * @throws `Api.Unauthenticated`
 */
export function callerOf({ requestContext }: ApiEvent, ownerClaim: string | undefined): Caller {
  const { iam, jwt } = requestContext.authorizer ?? {};
  if (jwt === undefined && iam !== undefined) return signerOf(iam);
  const claims = jwt?.claims ?? {};
  const { iss, sub } = claims;
  if (typeof iss !== 'string' || typeof sub !== 'string' || sub === '')
    throw new StatebagError('Api.Unauthenticated', 'the request has no checked token');
  const claimed = ownerClaim === undefined ? undefined : claims[ownerClaim];
  return { owner_id: isId(claimed) ? ownerId(claimed) : hashedOwner(iss, sub), subject: sub };
}

/** A role's sessions are one owner: the part of the id before the session's name is the role's own. */
function signerOf({
  accountId,
  callerId,
  userArn,
}: NonNullable<NonNullable<ApiEvent['requestContext']['authorizer']>['iam']>): Caller {
  if (typeof accountId !== 'string' || typeof callerId !== 'string' || typeof userArn !== 'string')
    throw new StatebagError('Api.Unauthenticated', 'the request has no checked signature');
  return { owner_id: hashedOwner(`iam:${accountId}`, callerId.split(':')[0] ?? callerId), subject: userArn };
}

function hashedOwner(issuer: string, subject: string): OwnerId {
  return ownerId(
    base32(
      createHash('sha256')
        .update(JSON.stringify([issuer, subject]))
        .digest(),
    ),
  );
}
