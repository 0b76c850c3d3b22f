// How many branches of a run, or workers of its lists, may work at the same time: no more than the account lets
// functions work. Asked when a stack is deployed; packaging asks nobody.
const { basename } = require('node:path');

/** The rest stays for the API, the recorder, and other runs. */
const SHARE = 0.7;
/** As many as the machines have at once; no larger account changes a template. */
const MOST = 100;

/** @param unreserved places that no function has to itself */
const atOnceOf = (unreserved) => Math.min(MOST, Math.max(1, Math.floor(unreserved * SHARE)));

/** What an account lets functions do: all places, those that nobody has reserved, and so many for one run. */
async function placesOf(region) {
  const { LambdaClient, GetAccountSettingsCommand } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient({ region });
  try {
    const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
    const { ConcurrentExecutions: all, UnreservedConcurrentExecutions: unreserved } = AccountLimit ?? {};
    if (all === undefined || unreserved === undefined)
      throw new Error('GetAccountSettings answered without limits');
    return { all, unreserved, atOnce: atOnceOf(unreserved) };
  } finally {
    client.destroy();
  }
}

/** The framework's own process, told to deploy. */
function isDeployed([, program = '', ...words]) {
  return /^(serverless|sls|osls)(\.js)?$/.test(basename(program)) && words[0] === 'deploy';
}

/** The parameter that was chosen, else what the account can do; empty where nobody is asked. */
module.exports = async ({ resolveVariable }) => {
  const chosen = String(await resolveVariable('self:custom.functionsChosen'));
  if (chosen !== '' || !isDeployed(process.argv)) return chosen;
  return String((await placesOf(String(await resolveVariable('self:provider.region')))).atOnce);
};
module.exports.placesOf = placesOf;
module.exports.atOnceOf = atOnceOf;
