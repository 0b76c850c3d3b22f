/**
 * Lambda keeps the settings of asynchronous calls (tries, failure destination) by qualifier, and Serverless
 * writes them for `$LATEST` alone. The state machine calls a published
 * version, so the version gets the same. Those of earlier versions stay: executions that began on them go on
 * calling them.
 */
module.exports = class VersionEventInvoke {
  constructor(serverless) {
    this.hooks = {
      'before:package:finalize': () =>
        addTo(serverless.service.provider.compiledCloudFormationTemplate.Resources),
    };
  }
};

function addTo(resources) {
  for (const { Type, Properties } of Object.values(resources)) {
    if (Type !== 'AWS::Lambda::EventInvokeConfig') continue;
    const version = versionOf(Properties.FunctionName.Ref, resources);
    resources[`${version}EvConf`] = {
      Type,
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { ...Properties, Qualifier: { 'Fn::GetAtt': [version, 'Version'] } },
    };
  }
}

function versionOf(functionId, resources) {
  const found = Object.entries(resources).find(
    ([, { Type, Properties }]) =>
      Type === 'AWS::Lambda::Version' && Properties.FunctionName.Ref === functionId,
  );
  if (!found) throw new Error(`${functionId} has settings for asynchronous calls and no published version`);
  return found[0];
}
