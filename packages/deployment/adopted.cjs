// What outlives its stack on purpose, under a name that is always the same, is there already when the stack is
// deployed again: after `remove`, or after a first deployment that failed. CloudFormation would refuse it, so it is
// left out of the template and stays what it is.

/** By type: the property that names it. */
const NAMED = {
  'AWS::S3::Bucket': 'BucketName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::SSM::Parameter': 'Name',
};

/** Retained resources of a template with their names, `Fn::Sub` filled in. */
function retained(template, { account, region }) {
  return Object.entries(template.Resources).flatMap(([id, { Type, DeletionPolicy, Properties }]) => {
    const given = NAMED[Type] && Properties[NAMED[Type]];
    if (DeletionPolicy !== 'Retain' || given === undefined) return [];
    const text = typeof given === 'string' ? given : given['Fn::Sub'];
    const filled = text.replace(/\$\{AWS::AccountId\}/g, account).replace(/\$\{AWS::Region\}/g, region);
    return [{ id, type: Type, name: filled }];
  });
}

/**
 * A template without the retained resources that are there and belong to no stack. `isOwn` says whether the stack
 * has a resource, `exists` whether the account does; `onAdopted` is told of each that is left out.
 */
async function withoutAdopted(template, { account, region, isOwn, exists, onAdopted }) {
  let result = template;
  for (const resource of retained(template, { account, region })) {
    if ((await isOwn(resource.id)) || !(await exists(resource.type, resource.name))) continue;
    onAdopted(resource);
    result = without(result, resource);
  }
  return result;
}

function without(template, { id, name }) {
  const { [id]: _, ...Resources } = template.Resources;
  return named({ ...template, Resources }, { id, name });
}

/** References to it become its name, and nothing waits for it. */
function named(value, gone) {
  if (Array.isArray(value)) return value.map((each) => named(each, gone));
  if (typeof value !== 'object' || value === null) return value;
  if (value.Ref === gone.id) return gone.name;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      key === 'DependsOn' ? [each].flat().filter((id) => id !== gone.id) : named(each, gone),
    ]),
  );
}

/**
 * A template whose retained parameters have the values that are there: what somebody has set meanwhile is no default,
 * and a default that changes is none of a stage that runs. `liveValue` gives a value, or undefined.
 */
async function withLiveValues(template, { account, region, liveValue }) {
  const Resources = { ...template.Resources };
  for (const { id, type, name } of retained(template, { account, region })) {
    const value = type === 'AWS::SSM::Parameter' ? await liveValue(name) : undefined;
    if (value === undefined) continue;
    Resources[id] = { ...Resources[id], Properties: { ...Resources[id].Properties, Value: value } };
  }
  return { ...template, Resources };
}

module.exports = { withoutAdopted, withLiveValues };
