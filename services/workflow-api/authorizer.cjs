// Who may call the API: with an issuer, whoever holds a token of it; without one, principals of this account that
// IAM lets call it (execute-api:Invoke). API Gateway asks an issuer for its keys when the authoriser is made, so
// one that does not exist would fail the first deployment.
const issuerOf = async ({ resolveVariable }) => String(await resolveVariable('self:custom.jwtIssuer'));

/** `provider.httpApi`. A token is checked before any function runs; its claims say whose runs are asked for. */
module.exports.httpApi = async (resolver) => {
  const origins = String(await resolver.resolveVariable('self:custom.allowedOrigins'));
  return { ...(await authorizers(resolver)), ...cors(origins.split(',').filter((origin) => origin !== '')) };
};

async function authorizers(resolver) {
  const issuerUrl = await issuerOf(resolver);
  if (issuerUrl === '') return {};
  const audience = [String(await resolver.resolveVariable('self:custom.jwtAudience'))];
  const identitySource = '$request.header.Authorization';
  return { authorizers: { tokens: { type: 'jwt', identitySource, issuerUrl, audience } } };
}

/** Pages of these origins may call it from a browser; without any, no page may. */
const cors = (allowedOrigins) =>
  allowedOrigins.length === 0
    ? {}
    : {
        cors: {
          allowedOrigins,
          allowedHeaders: ['authorization', 'content-type', 'idempotency-key'],
          allowedMethods: ['GET', 'POST'],
          maxAge: 3_600,
        },
      };

/** `authorizer` of every route. */
module.exports.route = async (resolver) =>
  (await issuerOf(resolver)) === '' ? { type: 'aws_iam' } : { name: 'tokens' };
