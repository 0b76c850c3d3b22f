import { ApiError } from '@statebag/states';
import { DEFAULT_SETTINGS, type FunctionSettings, parseFunctionName } from '../../lambda/function-config.ts';
import { isMapping, listOf, type Mapping } from '../document.ts';
import { invalid } from '../errors.ts';
import { type Account, AlreadyThere, callAction, type Provider, refuseExisting } from '../provider.ts';
import { keptProvider } from './kept.ts';
import { codeOf } from './lambda-code.ts';
import { requireTrust } from './trust.ts';

export const lambdaFunction: Provider = {
  naming: { property: 'FunctionName', most: 64 },
  create: async ({ name, properties }, account) => {
    refuseExisting('AWS::Lambda::Function', name, account.functions.registry.names().includes(name));
    return define(name, properties, account);
  },
  update: ({ id, properties }, account) => define(id, properties, account),
  remove: async ({ id }, { functions }) => {
    if (functions.registry.names().includes(id)) functions.remove(id);
  },
};

async function define(name: string, properties: Mapping, account: Account) {
  const { registry } = account.functions;
  const roleArn = String(properties['Role']);
  requireTrust(roleArn, 'lambda.amazonaws.com', account);
  const current = registry.names().includes(name) ? registry.settings(name) : DEFAULT_SETTINGS;
  const reserved = properties['ReservedConcurrentExecutions'];
  if (reserved !== undefined) account.functions.concurrency.check(name, Number(reserved));
  const { reservedConcurrency: _, ...others } = current;
  const settings: FunctionSettings = {
    ...others,
    role: roleArn,
    maxConcurrency: DEFAULT_SETTINGS.maxConcurrency,
    ...(reserved !== undefined && { reservedConcurrency: Number(reserved) }),
  };
  account.functions.define({ ...(await codeOf(name, properties, account)), settings });
  return { id: name, attributes: { Arn: account.functions.arnOf(name) } };
}

export const lambdaVersion: Provider = {
  create: async ({ properties }, { functions }) => {
    const { functionName } = parseFunctionName(String(properties['FunctionName']));
    const latest = functions.registry.resolve(functionName, '$LATEST', () => 1);
    const wanted = properties['CodeSha256'];
    if (wanted !== undefined && wanted !== latest.uploaded?.sha256)
      throw invalid(
        `CodeSHA256 (${wanted}) is different from current CodeSHA256 in $LATEST (${latest.uploaded?.sha256}). Please try again with the CodeSHA256 in $LATEST.`,
      );
    const known = functions.registry.versions(functionName).length;
    const { version } = functions.registry.publish(functionName);
    const arn = functions.arnOf(functionName, version);
    if (functions.registry.versions(functionName).length === known)
      throw new AlreadyThere(
        arn,
        `A version for this Lambda function exists ( ${version} ). Modify the function to create a new version.`,
      );
    return { id: arn, attributes: { Version: version, FunctionArn: arn } };
  },
  update: async ({ id }) => ({ id, attributes: { Version: id.split(':').at(-1) ?? '', FunctionArn: id } }),
  remove: async ({ id }, { functions }) => {
    const { functionName, qualifier } = parseFunctionName(id);
    if (functions.registry.names().includes(functionName))
      functions.registry.removeVersion(functionName, qualifier);
  },
};

export const lambdaAlias: Provider = {
  create: async ({ properties }, account) => {
    const functionName = aliasedFunction(properties);
    const name = String(properties['Name']);
    const arn = account.functions.arnOf(functionName, name);
    const { registry } = account.functions;
    refuseExisting(
      'AWS::Lambda::Alias',
      arn,
      registry.aliases(functionName).some((each) => each.name === name),
    );
    return putAlias(arn, properties, account);
  },
  update: async ({ id, properties }, account) => putAlias(id, properties, account),
  remove: async ({ id }, { functions: { registry } }) => {
    const { functionName, qualifier } = parseFunctionName(id);
    registry.deleteAlias(functionName, qualifier);
  },
};

function putAlias(id: string, properties: Mapping, { functions }: Account) {
  const { RoutingConfig: routing, Description: description = '' } = properties;
  const weights = listOf(isMapping(routing) ? routing['AdditionalVersionWeights'] : []).filter(isMapping);
  functions.registry.putAlias({
    functionName: aliasedFunction(properties),
    name: String(properties['Name']),
    version: String(properties['FunctionVersion']),
    description: String(description),
    weights: Object.fromEntries(
      weights.map((each) => [String(each['FunctionVersion']), Number(each['FunctionWeight'])]),
    ),
  });
  return { id, attributes: { AliasArn: id } };
}

function aliasedFunction(properties: Mapping): string {
  return parseFunctionName(String(properties['FunctionName'])).functionName;
}

export const lambdaPermission: Provider = keptProvider('AWS::Lambda::Permission', {
  check: ({ FunctionName: name }, { functions: { registry } }) => {
    const { functionName, qualifier } = parseFunctionName(String(name));
    registry.resolve(functionName, qualifier, () => 1);
  },
  attributes: (id) => ({ Id: id }),
});

export const eventInvokeConfig: Provider = {
  create: async ({ properties }, account) => configure(properties, account),
  update: async ({ properties }, account) => configure(properties, account),
  remove: async ({ properties }, { functions: { registry } }) => {
    const { functionName } = parseFunctionName(String(properties['FunctionName']));
    if (!registry.names().includes(functionName)) return;
    const { onFailure: _, onSuccess: __, ...rest } = registry.settings(functionName);
    const { maximumRetryAttempts, maximumEventAgeSeconds } = DEFAULT_SETTINGS;
    registry.configure(functionName, { ...rest, maximumRetryAttempts, maximumEventAgeSeconds });
  },
};

/** Holds for the whole function, whichever version is asked: the last one that is configured counts. */
function configure(properties: Mapping, { functions: { registry } }: Account) {
  const { functionName } = parseFunctionName(String(properties['FunctionName']));
  const { onFailure: _, onSuccess: __, ...rest } = registry.settings(functionName);
  const { maximumRetryAttempts: attempts, maximumEventAgeSeconds: age } = DEFAULT_SETTINGS;
  const [onFailure, onSuccess] = [
    destinationOf(properties, 'OnFailure'),
    destinationOf(properties, 'OnSuccess'),
  ];
  registry.configure(functionName, {
    ...rest,
    maximumRetryAttempts: Number(properties['MaximumRetryAttempts'] ?? attempts),
    maximumEventAgeSeconds: Number(properties['MaximumEventAgeInSeconds'] ?? age),
    ...(onFailure !== undefined && { onFailure }),
    ...(onSuccess !== undefined && { onSuccess }),
  });
  return { id: `${functionName}|${properties['Qualifier']}`, attributes: {} };
}

function destinationOf({ DestinationConfig: config }: Mapping, name: string): string | undefined {
  const destination = isMapping(config) ? config[name] : undefined;
  const arn = isMapping(destination) ? destination['Destination'] : undefined;
  return typeof arn === 'string' ? arn : undefined;
}

/** What a mapping is made with and what it can be changed in; anything else means nothing here. */
const MAPPED = ['EventSourceArn', 'FunctionName', 'BatchSize', 'Enabled', 'FunctionResponseTypes'];

export const eventSourceMapping: Provider = {
  create: async ({ properties }, { sources }) =>
    mapped(await callAction(sources, 'CreateEventSourceMapping', mappingOf(properties))),
  update: async ({ id, properties }, { sources }) =>
    mapped(await callAction(sources, 'UpdateEventSourceMapping', { ...mappingOf(properties), UUID: id })),
  remove: async ({ id }, { sources }) => {
    try {
      await callAction(sources, 'DeleteEventSourceMapping', { UUID: id });
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'ResourceNotFoundException')) throw error;
    }
  },
};

function mappingOf(properties: Mapping): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => MAPPED.includes(name)));
}

function mapped({ UUID: id }: Mapping) {
  return { id: String(id), attributes: { Id: String(id) } };
}
