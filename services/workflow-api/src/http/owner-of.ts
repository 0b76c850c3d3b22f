import { createHash } from 'node:crypto';
import { isId, type OwnerId, ownerId, StatebagError } from '@statebag/contracts';
import type { ApiEvent } from './api-event.ts';
import { base32 } from './base32.ts';

/** Who asks: the owner whose runs they are, and the person, for the record of decisions. */
export interface Caller {
  readonly owner_id: OwnerId;
  readonly subject: string;
}

/**
 * The caller of a request whose token the authoriser has checked. The owner is the hash of issuer and subject, unless a claim that the
 * deployment names holds an id.
 * @throws `Api.Unauthenticated`
 */
export function callerOf({ requestContext }: ApiEvent, ownerClaim: string | undefined): Caller {
  const claims = requestContext.authorizer?.jwt?.claims ?? {};
  const { iss, sub } = claims;
  if (typeof iss !== 'string' || typeof sub !== 'string' || sub === '') throw new StatebagError('Api.Unauthenticated', 'the request has no checked token');
  const claimed = ownerClaim === undefined ? undefined : claims[ownerClaim];
  return { owner_id: isId(claimed) ? ownerId(claimed) : hashedOwner(iss, sub), subject: sub };
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
