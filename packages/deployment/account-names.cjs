/**
 * Names of buckets are shared by all of AWS, so the default one holds account and region. Neither is known
 * when a service is packaged: the templates write
 * `statebag-state-<stage>-account-region`, which is a name like any other on one machine, and here it becomes
 * what CloudFormation fills in. A chosen name stays as it is.
 */
const PLACE = /\b(statebag-state-[a-z0-9-]+)-account-region\b/g;
// biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own variables
const FILLED = '$1-${AWS::AccountId}-${AWS::Region}';

module.exports = class AccountNames {
  constructor(serverless) {
    this.hooks = {
      // Resources of the templates have been added by now, and nothing has been written yet.
      'after:aws:package:finalize:mergeCustomProviderResources': () => {
        const { provider } = serverless.service;
        provider.compiledCloudFormationTemplate = filled(provider.compiledCloudFormationTemplate);
      },
    };
  }
};

/** A text that holds the place becomes Fn::Sub; one that is substituted already goes on being. */
function filled(value) {
  if (typeof value === 'string')
    return value.search(PLACE) < 0
      ? value
      : { 'Fn::Sub': value.replaceAll('${', '${!').replaceAll(PLACE, FILLED) };
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, key === 'Fn::Sub' ? substituted(each) : filled(each)]),
  );
}

function substituted(argument) {
  if (typeof argument === 'string') return argument.replaceAll(PLACE, FILLED);
  const [text, values] = argument;
  return [text.replaceAll(PLACE, FILLED), filled(values)];
}

module.exports.filled = filled;
