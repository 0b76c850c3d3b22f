import { isMapping, listOf, type Mapping } from '../document.ts';
import { invalid } from '../errors.ts';
import { type Account, arnIn, callAction, type Provider, refuseExisting } from '../provider.ts';

const TYPE = 'AWS::Events::Rule';

export const rule: Provider = {
  naming: { property: 'Name', most: 64 },
  create: async ({ name, properties }, account) => {
    refuseExisting(TYPE, name, account.events.rules.find(busOf(properties), name) !== undefined);
    return put(name, properties, account);
  },
  update: ({ id, properties }, account) => put(nameIn(id), properties, account),
  remove: async ({ id, properties }, { events: { rules } }) => {
    const [bus, name] = [busOf(properties), nameIn(id)];
    for (const target of rules.targets({ bus, name })) rules.removeTarget({ bus, name }, target.id);
    rules.remove(bus, name);
  },
};

async function put(name: string, properties: Mapping, account: Account) {
  const { Targets: targets, EventPattern: pattern, ...rest } = properties;
  const bus = busOf(properties);
  if (bus !== 'default') throw invalid(`Event bus ${bus} does not exist.`);
  await callAction(account.events.actions, 'PutRule', {
    ...rest,
    Name: name,
    EventBusName: bus,
    ...(pattern !== undefined && { EventPattern: JSON.stringify(pattern) }),
  });
  const { rules, actions } = account.events;
  const wanted = listOf(targets).filter(isMapping);
  const ids = wanted.map(({ Id }) => String(Id));
  for (const { id } of rules.targets({ bus, name }))
    if (!ids.includes(id)) rules.removeTarget({ bus, name }, id);
  if (wanted.length > 0)
    await callAction(actions, 'PutTargets', { Rule: name, EventBusName: bus, Targets: wanted });
  return { id: name, attributes: { Arn: arnIn(account, 'events', `rule/${name}`), RuleName: name } };
}

/** A rule of another bus has the bus before its name. */
function nameIn(id: string): string {
  return id.split('|').at(-1) ?? id;
}

function busOf({ EventBusName: bus }: Mapping): string {
  return typeof bus === 'string' && bus !== '' ? (bus.split('/').at(-1) ?? bus) : 'default';
}
