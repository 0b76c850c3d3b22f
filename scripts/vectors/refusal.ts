import type { Vector } from './vector.ts';

const SUPPORTED_RESOURCE =
  /^arn:aws:lambda:|^arn:aws:states:[\w-]+:\d+:activity:|^arn:aws:states:::(lambda:invoke|states:startExecution|events:putEvents|s3:(getObject|listObjectsV2|putObject)|dynamodb:\w+Item)/;

/** Why the local cloud cannot run a vector, or undefined. Only what the definition uses counts, not what it expects. */
export function refusalOf({ definition, resources }: Vector): string | undefined {
  const text = JSON.stringify(definition);
  if (text.includes('"QueryLanguage":"JSONata"')) return 'JSONata';
  if (text.includes('"Assign":')) return 'variables';
  const foreign = (resources ?? resourcesIn(text)).find((resource) => !SUPPORTED_RESOURCE.test(resource));
  if (foreign === undefined) return undefined;
  return `integration ${foreign.split(':::')[1] ?? foreign}`;
}

function resourcesIn(definition: string): readonly string[] {
  return [...definition.matchAll(/"Resource":"([^"]+)"/g)].map(([, resource = '']) => resource);
}
