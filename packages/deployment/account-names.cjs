/**
 * What is known only where a template is deployed, and what the templates write instead, so that they can be read
 * on one machine:
 * - Names of buckets are shared by all of AWS, so the default one holds account and region:
 *   `statebag-state-<stage>-account-region`. A chosen name stays as it is.
 * - ARNs begin with the partition, `arn:aws:` in most regions. Those of account 000000000000 are placeholders.
 */
const KNOWN_THERE = [
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own variables
  [/\b(statebag-state-[a-z0-9-]+)-account-region\b/g, '$1-${AWS::AccountId}-${AWS::Region}'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as above
  [/\barn:aws:(?![\w-]*:[\w-]*:000000000000:)/g, 'arn:${AWS::Partition}:'],
];

const isOpen = (text) => KNOWN_THERE.some(([written]) => text.search(written) >= 0);
const closed = (text) =>
  KNOWN_THERE.reduce((filledIn, [written, meant]) => filledIn.replaceAll(written, meant), text);

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

/** A text that holds such a thing becomes Fn::Sub; one that is substituted already goes on being. */
function filled(value) {
  if (typeof value === 'string')
    return isOpen(value) ? { 'Fn::Sub': closed(value.replaceAll('${', '${!')) } : value;
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, key === 'Fn::Sub' ? substituted(each) : filled(each)]),
  );
}

function substituted(argument) {
  if (typeof argument === 'string') return closed(argument);
  const [text, values] = argument;
  return [closed(text), filled(values)];
}

module.exports.filled = filled;
