import type { Asked, Principal, Statement } from './policy.ts';

/** Who may do what in an account. */
export interface Rights {
  /** @throws ApiError `AccessDeniedException` for the first that is not allowed */
  require(principal: Principal, asked: readonly Asked[]): void;
  may(principal: Principal, asked: Asked): boolean;
}

/** The policies that decide about a call. */
export interface Policies {
  /** Of the role that calls; undefined for who has none. */
  readonly identity?: readonly Statement[];
  /** Of the resource that is called; undefined where it has none. */
  readonly resource?: readonly Statement[];
}

export type Decision =
  | { readonly allowed: true; readonly by: Statement | undefined }
  /** As messages end: `because no identity-based policy allows the s3:GetObject action`. */
  | { readonly allowed: false; readonly why: string };

/**
 * Whether a call inside one account is allowed: what is denied anywhere is denied; else a role's policy or
 * the resource's has to allow it; the resource's has to name the role for that, not only the account. The
 * owner of the account needs no policy; a service has nothing but the resource's. A role is only taken on by
 * whom its trust is about.
 */
export function decide(principal: Principal, asked: Asked, policies: Policies): Decision {
  const { identity = [], resource = [] } = policies;
  const ofRole = identity.filter((each) => each.covers(asked));
  const ofResource = resource.filter((each) => each.isAbout(principal) && each.covers(asked));
  if (ofRole.some(denies)) return { allowed: false, why: denied('an identity-based') };
  if (ofResource.some(denies)) return { allowed: false, why: denied('a resource-based') };
  const [by] = [...ofRole, ...ofResource.filter((each) => each.names(principal))];
  if (principal.kind === 'owner') return { allowed: true, by };
  if (asked.action === 'sts:AssumeRole' && ofResource.length === 0)
    return { allowed: false, why: 'because no resource-based policy allows the sts:AssumeRole action' };
  if (by !== undefined) return { allowed: true, by };
  const kind = principal.kind === 'service' ? 'resource' : 'identity';
  return { allowed: false, why: `because no ${kind}-based policy allows the ${asked.action} action` };
}

function denies({ effect }: Statement): boolean {
  return effect === 'Deny';
}

function denied(policy: string): string {
  return `with an explicit deny in ${policy} policy`;
}
