import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { isMapping, listOf, type Mapping } from '../cloudformation/document.ts';
import { headerOf, type Request } from '../gateway/request.ts';

/** Claims of a token, or why it is none that the authoriser takes. */
export type Checked = { readonly claims: JWTPayload } | { readonly refused: string };

/** Checks the token of a request as a JWT authoriser does: signature, issuer, audience, times. */
export type CheckToken = (request: Request, authorizer: Mapping) => Promise<Checked>;

/** The keys of an issuer are asked for once, and again where a token names one that is not there. */
export function openTokens(): CheckToken {
  const issuers = new Map<string, Promise<ReturnType<typeof createRemoteJWKSet>>>();
  const keysOf = (issuer: string) => {
    const known = issuers.get(issuer);
    if (known !== undefined) return known;
    const asked = discover(issuer);
    issuers.set(issuer, asked);
    asked.catch(() => issuers.delete(issuer));
    return asked;
  };
  return async (request, { IdentitySource: source, JwtConfiguration: jwt }) => {
    const header = /^\$request\.header\.(.+)$/.exec(String(listOf(source)[0]))?.[1] ?? 'authorization';
    const token = headerOf(request, header.toLowerCase())?.replace(/^Bearer /i, '');
    if (token === undefined || !isMapping(jwt)) return { refused: 'there is no token' };
    try {
      const { payload } = await jwtVerify(token, await keysOf(String(jwt['Issuer'])), {
        issuer: String(jwt['Issuer']),
        algorithms: ['RS256', 'RS384', 'RS512', 'ES256'],
      });
      return isFor(payload, listOf(jwt['Audience']).map(String))
        ? { claims: payload }
        : { refused: 'the token is for another audience' };
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return { refused: error.message };
      throw error;
    }
  };
}

/** Access tokens of some issuers name the client instead of an audience. */
function isFor({ aud, client_id: client }: JWTPayload, audiences: readonly string[]): boolean {
  const named = Array.isArray(aud) ? aud : [aud ?? client];
  return audiences.length === 0 || named.some((each) => audiences.includes(String(each)));
}

async function discover(issuer: string): Promise<ReturnType<typeof createRemoteJWKSet>> {
  const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const document: unknown = await answer.json();
  const address = isMapping(document) ? document['jwks_uri'] : undefined;
  if (typeof address !== 'string') throw new TypeError(`${issuer} does not say where its keys are`);
  return createRemoteJWKSet(new URL(address));
}
