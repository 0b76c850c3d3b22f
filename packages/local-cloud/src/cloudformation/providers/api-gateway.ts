import { randomBytes } from 'node:crypto';
import { isMapping, listOf } from '../document.ts';
import { invalid } from '../errors.ts';
import { arnIn, type Provider } from '../provider.ts';
import { keptProvider } from './kept.ts';

/** Ten letters and digits, as API Gateway makes them up. */
const newId = (length: number) => (): string =>
  BigInt(`0x${randomBytes(16).toString('hex')}`)
    .toString(36)
    .slice(0, length);

export const httpApi: Provider = keptProvider('AWS::ApiGatewayV2::Api', {
  id: newId(10),
  check: ({ ProtocolType: protocol, Body: body }) => {
    if (protocol !== 'HTTP')
      throw invalid(`ProtocolType ${protocol} is one that the local cloud does not serve; it serves HTTP`);
    if (body !== undefined) throw invalid('the local cloud makes no API out of a Body');
  },
  attributes: (id, _, account) => ({
    ApiId: id,
    ApiEndpoint: `https://${id}.execute-api.${account.region}.amazonaws.com`,
    ExecuteApiArn: arnIn(account, 'execute-api', id),
  }),
});

export const httpApiStage: Provider = keptProvider('AWS::ApiGatewayV2::Stage', {
  id: ({ properties }) => String(properties['StageName']),
  key: ({ id, properties }) => `${properties['ApiId']}/${id}`,
});

export const httpApiRoute: Provider = keptProvider('AWS::ApiGatewayV2::Route', {
  id: newId(7),
  attributes: (id) => ({ RouteId: id }),
});

/** The one service that a route calls without a function. */
export const START_EXECUTION = 'StepFunctions-StartExecution';

export const httpApiIntegration: Provider = keptProvider('AWS::ApiGatewayV2::Integration', {
  id: newId(7),
  check: ({ IntegrationType: type, IntegrationSubtype: subtype, PayloadFormatVersion: version = '1.0' }) => {
    if (type !== 'AWS_PROXY' || ![1, 2].includes(Number(version)))
      throw invalid(
        `the local cloud calls functions (AWS_PROXY) with payloads of the formats 1.0 and 2.0, not ${type} ${version}`,
      );
    if (subtype !== undefined && subtype !== START_EXECUTION)
      throw invalid(
        `IntegrationSubtype ${subtype} is one that the local cloud has not; it has ${START_EXECUTION}`,
      );
  },
  attributes: (id) => ({ IntegrationId: id }),
});

export const httpApiAuthorizer: Provider = keptProvider('AWS::ApiGatewayV2::Authorizer', {
  id: newId(6),
  check: async ({ AuthorizerType: type, JwtConfiguration: jwt, IdentitySource: source }) => {
    if (type !== 'JWT')
      throw invalid(`AuthorizerType ${type} is one that the local cloud does not ask; it asks JWT`);
    const issuer = isMapping(jwt) ? jwt['Issuer'] : undefined;
    if (listOf(source).length !== 1 || typeof issuer !== 'string')
      throw invalid('A JWT authorizer needs one IdentitySource and an Issuer.');
    await requireDiscovery(issuer);
  },
  attributes: (id) => ({ AuthorizerId: id }),
});

const DISCOVERY_MS = 5_000;

/** An issuer must be there when its authoriser is made: API Gateway asks for its keys. */
async function requireDiscovery(issuer: string): Promise<void> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const refused = (why: string) =>
    invalid(
      `Caught exception when connecting to ${address} for issuer ${issuer}. Please try again later. Error: ${why}`,
    );
  if (!isSafe(issuer)) throw refused('an issuer is reached by https, or by http on this machine');
  const answer = await fetch(address, { signal: AbortSignal.timeout(DISCOVERY_MS) }).catch(
    (cause: unknown) => {
      throw refused(cause instanceof Error ? String(cause.cause ?? cause) : String(cause));
    },
  );
  if (!answer.ok) throw refused(`it answered ${answer.status}`);
}

function isSafe(issuer: string): boolean {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  return (
    url?.protocol === 'https:' ||
    (url?.protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(url.hostname))
  );
}
