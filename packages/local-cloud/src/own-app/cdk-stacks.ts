import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMapping, type Mapping } from '../cloudformation/document.ts';
import { DeployError } from '../deploy/deploy-error.ts';
import type { FoundPackage, FoundStack } from './found-app.ts';

/**
 * The stacks of a cloud assembly, each after those it depends on. @throws DeployError for one of another
 * form
 */
export function cdkStacks(folder: string): FoundStack[] {
  const { artifacts } = readJson(join(folder, 'manifest.json'));
  const all = isMapping(artifacts) ? artifacts : {};
  const ids = inOrder(all).filter((id) => member(all, id)['type'] === 'aws:cloudformation:stack');
  if (ids.length === 0) throw new DeployError(`${folder}: the manifest names no stack`);
  return ids.map((id) => stackOf(id, all, folder));
}

function stackOf(id: string, artifacts: Mapping, folder: string): FoundStack {
  const artifact = member(artifacts, id);
  const properties = member(artifact, 'properties');
  const assets = dependenciesOf(artifact)
    .map((name) => member(artifacts, name))
    .filter(({ type }) => type === 'cdk:asset-manifest')
    .map((manifest) => String(member(manifest, 'properties')['file']));
  return {
    name: String(properties['stackName'] ?? id),
    template: withoutBookkeeping(readJson(join(folder, String(properties['templateFile'])))),
    folder,
    packages: assets.flatMap((file) => packagesIn(join(folder, file), folder)),
  };
}

/** Without what the CDK checks of an account, and what it counts its users by. */
function withoutBookkeeping({ Rules: rules, Resources: resources, ...template }: Mapping): Mapping {
  const { CheckBootstrapVersion: _, ...others } = isMapping(rules) ? rules : {};
  const kept = Object.entries(isMapping(resources) ? resources : {}).filter(
    ([, each]) => !(isMapping(each) && each['Type'] === 'AWS::CDK::Metadata'),
  );
  return {
    ...template,
    ...(Object.keys(others).length > 0 && { Rules: others }),
    Resources: Object.fromEntries(kept),
  };
}

function packagesIn(file: string, folder: string): FoundPackage[] {
  const { files } = readJson(file);
  return Object.values(isMapping(files) ? files : {}).flatMap((asset) => {
    const [source, destinations] = [member(asset, 'source'), member(asset, 'destinations')];
    return Object.values(destinations).flatMap((destination) => {
      const { bucketName: bucket, objectKey: key } = isMapping(destination) ? destination : {};
      if (typeof source['path'] !== 'string' || source['path'].endsWith('.template.json')) return [];
      return [{ bucket: String(bucket), key: String(key), path: join(folder, source['path']) }];
    });
  });
}

function inOrder(artifacts: Mapping): string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (id: string): void => {
    if (seen.has(id)) return;
    seen.add(id);
    for (const other of dependenciesOf(member(artifacts, id))) visit(other);
    order.push(id);
  };
  for (const id of Object.keys(artifacts)) visit(id);
  return order;
}

function dependenciesOf({ dependencies }: Mapping): string[] {
  return Array.isArray(dependencies) ? dependencies.map(String) : [];
}

function member(value: unknown, name: string): Mapping {
  const found = isMapping(value) ? value[name] : undefined;
  return isMapping(found) ? found : {};
}

function readJson(file: string): Mapping {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isMapping(value)) return value;
  } catch (cause) {
    throw new DeployError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  throw new DeployError(`${file}: it is no object of JSON`);
}
