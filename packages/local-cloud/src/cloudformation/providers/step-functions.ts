import { ApiError } from '@statebag/states';
import { isMapping, listOf, type Mapping, type Plain, parseDocument } from '../document.ts';
import { invalid } from '../errors.ts';
import {
  type Account,
  arnIn,
  callAction,
  type Made,
  type Provider,
  refuseExisting,
  type Wanted,
} from '../provider.ts';
import { shiftAlias } from './alias-deployment.ts';
import { requireTrust } from './trust.ts';

export const stateMachine: Provider = {
  naming: { property: 'StateMachineName', most: 80 },
  create: async ({ name, properties }, account) => {
    const id = arnIn(account, 'states', `stateMachine:${name}`);
    refuseExisting('AWS::StepFunctions::StateMachine', id, (await describe(id, account)) !== undefined);
    const type = properties['StateMachineType'] ?? 'STANDARD';
    await callAction(account.states, 'CreateStateMachine', {
      ...(await inputOf(properties, account)),
      name,
      type,
    });
    return made(id, account);
  },
  update: async ({ id, properties }, account) => {
    await callAction(account.states, 'UpdateStateMachine', {
      ...(await inputOf(properties, account)),
      stateMachineArn: id,
    });
    return made(id, account);
  },
  remove: async ({ id }, account) => {
    await callAction(account.states, 'DeleteStateMachine', { stateMachineArn: id });
  },
};

async function made(id: string, account: Account) {
  const { name = '', revisionId = 'INITIAL' } = (await describe(id, account)) ?? {};
  return { id, attributes: { Arn: id, Name: name, StateMachineRevisionId: revisionId } };
}

async function describe(stateMachineArn: string, { states }: Account): Promise<Mapping | undefined> {
  try {
    return await callAction(states, 'DescribeStateMachine', { stateMachineArn });
  } catch (error) {
    if (error instanceof ApiError && error.code === 'StateMachineDoesNotExist') return undefined;
    throw error;
  }
}

async function inputOf(properties: Mapping, account: Account) {
  const roleArn = String(properties['RoleArn']);
  requireTrust(roleArn, 'states.amazonaws.com', account);
  return {
    definition: await definitionOf(properties, account),
    roleArn,
    ...(properties['LoggingConfiguration'] !== undefined && {
      loggingConfiguration: lowered(properties['LoggingConfiguration']),
    }),
    ...(properties['TracingConfiguration'] !== undefined && {
      tracingConfiguration: lowered(properties['TracingConfiguration']),
    }),
  };
}

async function definitionOf(properties: Mapping, account: Account): Promise<string> {
  const { DefinitionSubstitutions: given } = properties;
  const values = isMapping(given) ? given : {};
  const definition = await writtenDefinition(properties, account);
  return definition.replace(/\$\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === 'string' ? escaped(value) : JSON.stringify(value);
  });
}

/** It stands within a text of JSON. */
function escaped(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

async function writtenDefinition(
  { DefinitionString: text, Definition: whole, DefinitionS3Location: place }: Mapping,
  { s3 }: Account,
): Promise<string> {
  if (typeof text === 'string') return text;
  if (isMapping(whole)) return JSON.stringify(whole);
  if (!isMapping(place))
    throw invalid('one of DefinitionString, Definition and DefinitionS3Location is needed');
  const { body } = await s3.get(String(place['Bucket']), String(place['Key']));
  const read = parseDocument(Buffer.from(body).toString('utf8'));
  return JSON.stringify(read);
}

/** The API writes names with a small first letter. */
function lowered(value: Plain): Plain {
  if (Array.isArray(value)) return value.map(lowered);
  if (!isMapping(value)) return value;
  const members = Object.entries(value).map(
    ([name, each]) => [name.charAt(0).toLowerCase() + name.slice(1), lowered(each)] as const,
  );
  return Object.fromEntries(members);
}

export const stateMachineVersion: Provider = {
  create: async ({ properties }, { states }) => {
    const { StateMachineArn, StateMachineRevisionId: revisionId, Description: description } = properties;
    const { stateMachineVersionArn } = await callAction(states, 'PublishStateMachineVersion', {
      stateMachineArn: StateMachineArn,
      ...(revisionId !== undefined && { revisionId }),
      ...(description !== undefined && { description }),
    });
    const id = String(stateMachineVersionArn);
    return { id, attributes: { Arn: id } };
  },
  update: async ({ id }) => ({ id, attributes: { Arn: id } }),
  remove: async ({ id }, { states }) => {
    await callAction(states, 'DeleteStateMachineVersion', { stateMachineVersionArn: id });
  },
};

export const stateMachineAlias: Provider = {
  create: async ({ name, properties }, { states }) => {
    const routing = routingOf(properties);
    const aliasName = String(properties['Name'] ?? name);
    const [first] = routing.routingConfiguration;
    // `…:stateMachine:<machine>:<version>`
    const there = `${String(first?.stateMachineVersionArn).replace(/:\d+$/, '')}:${aliasName}`;
    refuseExisting('AWS::StepFunctions::StateMachineAlias', there, await hasAlias(there, states));
    const input = { name: aliasName, ...routing };
    const { stateMachineAliasArn } = await callAction(states, 'CreateStateMachineAlias', input);
    const id = String(stateMachineAliasArn);
    return { id, attributes: { Arn: id } };
  },
  update: async (wanted, account) => {
    const { id, properties } = wanted;
    const { DeploymentPreference: preference } = properties;
    if (!isMapping(preference)) return leadAlias(wanted, account);
    await shiftAlias(id, preference, account);
    return { id, attributes: { Arn: id } };
  },
  // what was there before needs no canary, and no alarm keeps runs from it
  restore: leadAlias,
  remove: async ({ id }, { states }) => {
    await callAction(states, 'DeleteStateMachineAlias', { stateMachineAliasArn: id });
  },
};

async function hasAlias(stateMachineAliasArn: string, states: Account['states']): Promise<boolean> {
  const stateMachineArn = stateMachineAliasArn.replace(/:[^:]+$/, '');
  const { stateMachineAliases: aliases } = await callAction(states, 'ListStateMachineAliases', {
    stateMachineArn,
  });
  return listOf(aliases).some(
    (each) => isMapping(each) && each['stateMachineAliasArn'] === stateMachineAliasArn,
  );
}

/** Leads an alias to its versions at once. */
async function leadAlias({ id, properties }: Wanted & Pick<Made, 'id'>, { states }: Account): Promise<Made> {
  await callAction(states, 'UpdateStateMachineAlias', {
    stateMachineAliasArn: id,
    ...routingOf(properties),
  });
  return { id, attributes: { Arn: id } };
}

/** A new alias leads to its version at once, also with a deployment preference. */
function routingOf(properties: Mapping) {
  const {
    DeploymentPreference: preference,
    RoutingConfiguration: routes,
    Description: description,
  } = properties;
  const wanted = isMapping(preference)
    ? [{ stateMachineVersionArn: preference['StateMachineVersionArn'], weight: 100 }]
    : listOf(routes)
        .filter(isMapping)
        .map((route) => ({
          stateMachineVersionArn: route['StateMachineVersionArn'],
          weight: Number(route['Weight']),
        }));
  return { routingConfiguration: wanted, ...(description !== undefined && { description }) };
}

export const activity: Provider = {
  naming: { property: 'Name', most: 80 },
  create: async ({ name, properties }, account) => {
    const id = arnIn(account, 'states', `activity:${name}`);
    const tags = lowered(properties['Tags'] ?? []);
    await callAction(account.states, 'CreateActivity', { name, tags });
    return { id, attributes: { Arn: id, Name: name } };
  },
  update: async ({ id }) => ({ id, attributes: { Arn: id, Name: id.split(':').at(-1) ?? '' } }),
  remove: async ({ id }, account) => {
    await callAction(account.states, 'DeleteActivity', { activityArn: id });
  },
};
