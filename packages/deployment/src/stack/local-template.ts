import { createRequire } from 'node:module';
import { type Bundle, KEPT_BUNDLES } from '@statebag/local-cloud';
import { members, type Resource, type Template } from '../package/template.ts';
import type { AppTemplate } from '../project/app.ts';
import { filledApp, type Wanted } from '../project/filled-app.ts';
import { withVersions } from '../project/versions.ts';

/** Raised where the same app becomes another template: stacks that are there have to be made anew then. */
export const FORM = 1;

/** What differs from a deployment on AWS. */
export interface LocalPlace extends Wanted {
  readonly account: string;
  /** The folder with node types, and the state of its files. */
  readonly ownNodes: string | undefined;
  /** By the logical id of the function. */
  readonly bundles: ReadonlyMap<string, Bundle>;
  /** What a parameter of the account says. */
  liveValue(name: string): string | undefined;
}

/**
 * The template of the app as one machine has it. Against that of a deployment, functions load their bundles from
 * where they lie and node types from their folder, and new definitions take over at once.
 */
export async function localTemplate(app: AppTemplate, place: LocalPlace): Promise<Template> {
  const filled = filledApp(app, place);
  const resources = Object.entries(filled.Resources).map(([id, resource]) => [id, here(id, resource, place)]);
  const shas = new Map([...place.bundles].map(([id, { file }]) => [id, base64(file.sha256)]));
  const versioned = withVersions({ ...filled, Resources: Object.fromEntries(resources) }, shas);
  return adopted().withLiveValues(versioned, place);
}

function here(id: string, resource: Resource, { bundles, ownNodes }: LocalPlace): Resource {
  const { Type, Properties = {} } = resource;
  const bundle = bundles.get(id);
  if (Type === 'AWS::StepFunctions::StateMachineAlias')
    return { ...resource, Properties: { ...Properties, DeploymentPreference: atOnce(Properties) } };
  if (bundle === undefined) return resource;
  const Code = { S3Bucket: KEPT_BUNDLES, S3Key: bundle.file.sha256 };
  const { OWN_NODES: none, ...variables } = members(members(Properties['Environment'])['Variables']);
  const nodes = none === undefined ? {} : { OWN_NODES: ownNodes ?? none };
  return {
    ...resource,
    Properties: { ...Properties, Code, Environment: { Variables: { ...variables, ...nodes } } },
  };
}

/** One machine has few runs at a time: nothing is learned from a share of them. */
function atOnce({ DeploymentPreference: preference }: Readonly<Record<string, unknown>>) {
  const { StateMachineVersionArn } = members(preference);
  return { StateMachineVersionArn, Type: 'ALL_AT_ONCE' };
}

function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}

interface Adopting {
  withLiveValues(template: Template, place: object): Promise<Template>;
}

function adopted(): Adopting {
  return createRequire(import.meta.url)('../../adopted.cjs');
}
