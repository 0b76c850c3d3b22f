import type { Mapping } from '../document.ts';
import { callAction, type Provider, refuseExisting } from '../provider.ts';

const TYPE = 'AWS::SSM::Parameter';

export const parameter: Provider = {
  naming: { property: 'Name', most: 2048 },
  create: async ({ name, properties }, { ssm }) => {
    refuseExisting(TYPE, name, ssm.find(name) !== undefined);
    await callAction(ssm.actions, 'PutParameter', inputOf(name, properties));
    return { id: name, attributes: attributesOf(properties) };
  },
  update: async ({ id, properties }, { ssm }) => {
    await callAction(ssm.actions, 'PutParameter', { ...inputOf(id, properties), Overwrite: true });
    return { id, attributes: attributesOf(properties) };
  },
  remove: async ({ id }, { ssm }) => {
    if (ssm.find(id) !== undefined) await callAction(ssm.actions, 'DeleteParameter', { Name: id });
  },
};

function inputOf(name: string, { Value: value, Type: type = 'String' }: Mapping) {
  return { Name: name, Value: String(value), Type: type };
}

function attributesOf({ Value = '', Type = 'String' }: Mapping) {
  return { Value, Type };
}
