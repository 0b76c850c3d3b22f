import type { LocalCloud } from '../cloud/local-cloud.ts';
import { isMapping, type Mapping } from '../cloudformation/document.ts';
import { DeployError } from '../deploy/deploy-error.ts';
import { findApp } from './find-app.ts';
import type { AppKind, FoundStack } from './found-app.ts';
import { leaveOut } from './leave-out.ts';
import { localize } from './localize.ts';
import { putStack } from './put-stack.ts';
import { type CodeLocation, uploadAssets, uploadPackage } from './uploads.ts';

export interface OwnAppOptions {
  /** A folder, or a template. */
  readonly path: string;
  /** Values for the parameters of its templates. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Types of resources that the application is to go without. */
  readonly leaveOut?: readonly string[];
}

export interface OwnApp {
  readonly kind: AppKind;
  /** Names of the stacks. */
  readonly stacks: readonly string[];
  readonly resources: readonly OwnResource[];
  readonly outputs: readonly { readonly name: string; readonly value: string }[];
  readonly leftOut: readonly string[];
  /** The files and folders of this machine that it is made of. */
  readonly sources: readonly string[];
}

export interface OwnResource {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
}

/**
 * Makes an application that others wrote: what lies on this machine is uploaded, and its templates become
 * stacks. What is unchanged stays. @throws DeployError that names what cannot be made
 */
export async function deployOwnApp(cloud: LocalCloud, options: OwnAppOptions): Promise<OwnApp> {
  const { kind, stacks, file } = findApp(options.path);
  refuseUnknownParameters(stacks, options.parameters ?? {});
  const sources = new Set([file]);
  const leftOut: string[] = [];
  for (const stack of stacks) {
    const wanted = leaveOut(stack.template, options.leaveOut ?? []);
    leftOut.push(...wanted.leftOut);
    await uploadAssets(cloud, stack);
    const upload = async (path: string): Promise<CodeLocation> => {
      sources.add(path);
      return uploadPackage(cloud, path);
    };
    const onDefinition = (path: string): void => void sources.add(path);
    const template = await localize({ ...stack, template: wanted.template }, { upload, onDefinition });
    await putStack(cloud, { name: stack.name, template, parameters: options.parameters ?? {} });
  }
  const names = stacks.map(({ name }) => name);
  return { kind, stacks: names, leftOut, sources: [...sources], ...describe(cloud, names) };
}

function refuseUnknownParameters(
  stacks: readonly FoundStack[],
  given: Readonly<Record<string, string>>,
): void {
  const known = stacks.flatMap((stack) => parameterNames(stack.template));
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const there = known.length === 0 ? 'the templates have no parameters' : `there is ${known.join(', ')}`;
  throw new DeployError(`--parameter ${unknown.join(', ')}: no template has it\n  mend: ${there}`);
}

function parameterNames({ Parameters: declared }: Mapping): string[] {
  return isMapping(declared) ? Object.keys(declared) : [];
}

function describe({ formation }: LocalCloud, names: readonly string[]) {
  const stacks = names.flatMap((name) => formation.find(name) ?? []);
  const resources = stacks.flatMap((stack) =>
    formation.resources(stack).map(({ logicalId, type, physicalId }) => ({ logicalId, type, physicalId })),
  );
  const outputs = stacks.flatMap((stack) => stack.outputs.map(({ key, value }) => ({ name: key, value })));
  return { resources, outputs };
}
