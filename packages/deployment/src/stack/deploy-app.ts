import { createHash } from 'node:crypto';
import type { LocalCloud } from '@statebag/local-cloud';
import { appSources } from './app-of-checkout.ts';
import { type BuiltApp, builtApp, sorted, withOnly } from './built-app.ts';
import { type FunctionSource, functionsOf } from './bundles.ts';
import { forgetFormerRules } from './former-rules.ts';
import { FORM, localTemplate } from './local-template.ts';

export interface DeployOptions {
  readonly stage?: string;
  /** Values of the templates' parameters: docs/parameters.md. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Folders of services whose stacks alone are deployed; their templates have to refer to no other. */
  readonly only?: readonly string[];
  /** Is told where the templates have to be packaged first, which takes some seconds. */
  readonly onPackaging?: () => void;
}

export interface DeployedFunction {
  readonly service: string;
  /** Its name in the template of its service. */
  readonly key: string;
  readonly name: string;
  /** With the published version. */
  readonly arn: string;
  readonly version: string;
  readonly changed: boolean;
}

export interface DeployedMachine {
  readonly key: string;
  readonly name: string;
  readonly arn: string;
}

export interface DeployedApp {
  readonly functions: readonly DeployedFunction[];
  readonly machines: readonly DeployedMachine[];
  /** The app's own files that the deployment was made from. */
  readonly sources: readonly string[];
}

/**
 * Makes a local cloud hold the app, as one stack of the packaged templates. What is unchanged stays as it is; changed
 * code becomes a new version, a changed definition updates its machine. @throws with the resource that cannot be made;
 * what was there before stays in place
 */
export async function deployApp(
  cloud: LocalCloud,
  { stage = 'local', parameters = {}, only, onPackaging }: DeployOptions = {},
): Promise<DeployedApp> {
  const { ownNodes, ...rest } = parameters;
  const { choices, structural } = sorted(rest);
  const built = await builtApp(structural, onPackaging);
  const { app, sha256, bundles } = only === undefined ? built : withOnly(built, only);
  const stack = `statebag-${stage}`;
  const madeOf = { key: MADE_OF, value: digestOf([FORM, sha256, parameters], bundles) };
  const present = cloud.formation.find(stack);
  const before = present === undefined ? [] : cloud.formation.resources(present);
  if (present !== undefined && isMadeOf(present, madeOf))
    return describe(cloud, { app, bundles, before, resources: before });
  if (present === undefined) forgetFormerRules(cloud);
  for (const { file } of bundles.values()) cloud.functions.keep(file);
  const template = await localTemplate(app, {
    ...{ stage, choices, ownNodes, bundles, region: cloud.region, account: cloud.account },
    liveValue: (name) => cloud.ssm.find(name),
  });
  const made = await cloud.formation.put({
    name: stack,
    template: JSON.stringify(template),
    tags: [madeOf],
    adopts: true,
  });
  return describe(cloud, { app, bundles, before, resources: cloud.formation.resources(made) });
}

/** Its value is a hash, of all that a stack is made of. */
const MADE_OF = 'statebag:made-of';

type Present = NonNullable<ReturnType<LocalCloud['formation']['find']>>;
type Resources = ReturnType<LocalCloud['formation']['resources']>;

/** What is unchanged and at rest needs no look at its resources. */
function isMadeOf({ status, wish }: Present, { value: wanted }: { readonly value: string }): boolean {
  const isIdle = /^(CREATE|UPDATE)_COMPLETE$/.test(status);
  return isIdle && wish.tags.some(({ key, value }) => key === MADE_OF && value === wanted);
}

/** The hash of all that a stack is made of. */
function digestOf(rest: readonly unknown[], bundles: BuiltApp['bundles']): string {
  const code = [...bundles].map(([id, { file }]) => [id, file.sha256]);
  return createHash('sha256')
    .update(JSON.stringify([rest, code]))
    .digest('hex');
}

/** Published versions by the names of their functions. */
function versionsIn(resources: Resources): ReadonlyMap<string, string> {
  const versions = resources.filter(({ type }) => type === 'AWS::Lambda::Version');
  return new Map(
    versions.map(({ physicalId }) => {
      const [, functionName = '', version = ''] = /:function:(.+):(\d+)$/.exec(physicalId) ?? [];
      return [functionName, version] as const;
    }),
  );
}

interface Made extends Pick<BuiltApp, 'app' | 'bundles'> {
  readonly before: Resources;
  readonly resources: Resources;
}

function describe(cloud: LocalCloud, { app, before, resources, bundles }: Made): DeployedApp {
  const sources = functionsOf(app);
  const [versionsBefore, versions] = [versionsIn(before), versionsIn(resources)];
  const functions = resources.flatMap(({ logicalId, physicalId: name }) => {
    const source = sources.get(logicalId);
    const version = versions.get(name);
    return source === undefined || version === undefined
      ? []
      : [describeFunction(cloud, source, { name, version, changed: versionsBefore.get(name) !== version })];
  });
  const machines = resources
    .filter(({ type }) => type === 'AWS::StepFunctions::StateMachine')
    .map(({ logicalId, physicalId: arn }) => ({
      key: keyOfMachine(logicalId),
      name: arn.split(':').at(-1) ?? '',
      arn,
    }));
  const files = [...appSources(), ...[...bundles.values()].flatMap((bundle) => bundle.sources)];
  return { functions, machines, sources: [...new Set(files)] };
}

function describeFunction(
  { functions }: LocalCloud,
  { service, key }: FunctionSource,
  deployed: Pick<DeployedFunction, 'name' | 'version' | 'changed'>,
): DeployedFunction {
  return { service, key, ...deployed, arn: functions.arnOf(deployed.name, deployed.version) };
}

/** "StepfunctionsV3DistributedMachine" → "v3Distributed" */
function keyOfMachine(logicalId: string): string {
  const name = logicalId.replace(/^Stepfunctions/, '').replace(/Machine$/, '');
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}
