// Places among the functions of the account that single functions have to themselves, as a deployment chooses them.
const { FUNCTIONS } = require('@statebag/stepfunctions/metrics');

module.exports = class ReservedPlaces {
  constructor(serverless) {
    this.hooks = {
      'after:aws:package:finalize:mergeCustomProviderResources': () => {
        const { provider, custom = {} } = serverless.service;
        provider.compiledCloudFormationTemplate = withReserved(
          provider.compiledCloudFormationTemplate,
          placesIn(custom.reservedConcurrency ?? ''),
        );
      },
    };
  }
};

/** @throws where the text is no JSON object of whole numbers by the names of our functions */
function placesIn(text) {
  if (text === '') return {};
  const places = parsed(text);
  const known = FUNCTIONS.map(nameOf);
  for (const [name, count] of Object.entries(places)) {
    if (!known.includes(name)) throw wrong(`no function is called ${name}; there are ${known.join(', ')}`);
    if (!Number.isSafeInteger(count) || count < 0) throw wrong(`${name} needs a whole number from 0`);
  }
  return places;
}

function parsed(text) {
  try {
    const value = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (cause) {
    throw wrong(`${text} is no JSON`, cause);
  }
  throw wrong(`${text} is no JSON object`);
}

function wrong(why, cause) {
  return new Error(`reservedConcurrency: ${why}. Give it like {"executeSegment": 50}`, { cause });
}

const nameOf = (functionName) => String(functionName).split('-').at(-1);

function withReserved(template, places) {
  const Resources = Object.entries(template.Resources).map(([id, resource]) => {
    const { Type, Properties = {} } = resource;
    const own = Type === 'AWS::Lambda::Function' ? places[nameOf(Properties.FunctionName)] : undefined;
    return [
      id,
      own === undefined
        ? resource
        : { ...resource, Properties: { ...Properties, ReservedConcurrentExecutions: own } },
    ];
  });
  return { ...template, Resources: Object.fromEntries(Resources) };
}

module.exports.placesIn = placesIn;
module.exports.withReserved = withReserved;
