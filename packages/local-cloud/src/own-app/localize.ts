import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMapping, type Mapping, type Plain, parseDocument } from '../cloudformation/document.ts';
import { DeployError } from '../deploy/deploy-error.ts';
import type { FoundStack } from './found-app.ts';
import type { CodeLocation } from './uploads.ts';

export interface Uploading {
  /** Uploads a folder, file or package, and says where it is then. */
  upload(path: string): Promise<CodeLocation>;
  /** Is told of each file that a definition is read from. */
  onDefinition(path: string): void;
}

type Localize = (properties: Mapping, stack: FoundStack, uploading: Uploading) => Promise<Mapping>;

/** What may name a file of this machine, by the type of the resource. */
const LOCAL: Readonly<Record<string, Localize>> = {
  'AWS::Serverless::Function': async (properties, stack, uploading) =>
    uploaded('CodeUri', properties, { stack, uploading, form: ['Bucket', 'Key'] }),
  'AWS::Serverless::LayerVersion': async (properties, stack, uploading) =>
    uploaded('ContentUri', properties, { stack, uploading, form: ['Bucket', 'Key'] }),
  'AWS::Lambda::Function': packaged('Code'),
  'AWS::Lambda::LayerVersion': packaged('Content'),
  'AWS::Serverless::StateMachine': defined('DefinitionUri'),
  'AWS::StepFunctions::StateMachine': defined('DefinitionS3Location'),
};

/** A template with everything that lies on this machine put where a stack can find it. */
export async function localize(stack: FoundStack, uploading: Uploading): Promise<Mapping> {
  const { template } = stack;
  const resources = isMapping(template['Resources']) ? template['Resources'] : {};
  const entries: [string, Plain][] = [];
  for (const [id, resource] of Object.entries(resources))
    entries.push([id, await localizeResource(resource, stack, uploading)]);
  return { ...(await localizeGlobals(template, stack, uploading)), Resources: Object.fromEntries(entries) };
}

async function localizeResource(resource: Plain, stack: FoundStack, uploading: Uploading): Promise<Plain> {
  if (!isMapping(resource)) return resource;
  const run = LOCAL[String(resource['Type'])];
  const properties = resource['Properties'];
  if (run === undefined || !isMapping(properties)) return resource;
  return { ...resource, Properties: await run(properties, stack, uploading) };
}

async function localizeGlobals(template: Mapping, stack: FoundStack, uploading: Uploading): Promise<Mapping> {
  const globals = template['Globals'];
  const shared = isMapping(globals) ? globals['Function'] : undefined;
  if (!isMapping(globals) || !isMapping(shared)) return template;
  const changed = await uploaded('CodeUri', shared, { stack, uploading, form: ['Bucket', 'Key'] });
  return { ...template, Globals: { ...globals, Function: changed } };
}

/** Where a property is a path, it is the place of the upload then. */
async function uploaded(
  name: string,
  properties: Mapping,
  {
    stack: { folder },
    uploading,
    form: [bucketName, keyName],
  }: {
    readonly stack: FoundStack;
    readonly uploading: Uploading;
    readonly form: readonly [string, string];
  },
): Promise<Mapping> {
  const path = properties[name];
  if (typeof path !== 'string' || path.startsWith('s3://')) return properties;
  const { bucket, key } = await uploading.upload(join(folder, path));
  return { ...properties, [name]: { [bucketName]: bucket, [keyName]: key } };
}

/** Code of CloudFormation is a path before it is packaged; tools leave the package beside the template. */
function packaged(name: string): Localize {
  return async (properties, stack, uploading) => {
    const form = ['S3Bucket', 'S3Key'] as const;
    const code = properties[name];
    const key = isMapping(code) ? code['S3Key'] : undefined;
    const found = stack.packages.find((each) => each.bucket === undefined && each.key === key);
    if (found === undefined) return uploaded(name, properties, { stack, uploading, form });
    const place = await uploading.upload(found.path);
    return { ...properties, [name]: { S3Bucket: place.bucket, S3Key: place.key } };
  };
}

/** A definition in a file is read into the template. */
function defined(name: string): Localize {
  return async (properties, { folder }, { onDefinition }) => {
    const { [name]: path, ...others } = properties;
    if (typeof path !== 'string' || path.startsWith('s3://')) return properties;
    const file = join(folder, path);
    onDefinition(file);
    return { ...others, Definition: readDefinition(file) };
  };
}

function readDefinition(file: string): Mapping {
  try {
    const definition = parseDocument(readFileSync(file, 'utf8'));
    if (isMapping(definition)) return definition;
  } catch (cause) {
    throw new DeployError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  throw new DeployError(`${file}: it is no state machine`);
}
