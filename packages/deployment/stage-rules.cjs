// What no stage may be packaged or deployed with, whichever command does it, and what no stack needs.
const { refuseOtherPlace } = require('./other-place.cjs');

const STAGE = /^[a-z](?:[a-z0-9-]{0,8}[a-z0-9])?$/;
const UNUSED_ROLE = 'IamRoleLambdaExecution';

module.exports = class StageRules {
  constructor(serverless, { param: told = [] } = {}) {
    this.hooks = {
      'before:deploy:deploy': async () => {
        const aws = serverless.getProvider('aws');
        if (told.length > 0)
          refuseOtherPlace(told, { region: aws.getRegion(), account: await aws.getAccountId() });
      },
      'before:package:initialize': () =>
        refuseStage(serverless.getProvider('aws').getStage(), serverless.service.custom ?? {}),
      'after:aws:package:finalize:mergeCustomProviderResources': () => {
        const { provider } = serverless.service;
        provider.compiledCloudFormationTemplate = withoutUnusedRole(provider.compiledCloudFormationTemplate);
      },
    };
  }
};

/** @throws with the reason and the mend */
function refuseStage(stage, { mockMode }) {
  if (!STAGE.test(stage))
    throw new Error(
      `the stage is called ${JSON.stringify(stage)}: at most 10 small letters, digits and dashes, the first a letter, since AWS takes names of functions and roles of up to 64 characters. Choose another one by --stage`,
    );
  if (stage === 'prod' && mockMode === 'true')
    throw new Error(
      'mockMode is true in prod, where every model call would be answered by the mock. Take it out of packages/deployment/stages.cjs or of the environment (STATEBAG_MOCK_MODE)',
    );
}

/** The framework makes a role for functions that have none. Each of ours has its own. */
function withoutUnusedRole(template) {
  const { [UNUSED_ROLE]: role, ...Resources } = template.Resources;
  const isUsed =
    role === undefined || JSON.stringify({ ...template, Resources }).includes(`"${UNUSED_ROLE}"`);
  return isUsed ? template : { ...template, Resources };
}

module.exports.refuseStage = refuseStage;
module.exports.withoutUnusedRole = withoutUnusedRole;
