import type { Template } from '../package/template.ts';

/** All stacks of the app as one template, in which a project fills in its stage, its choices and the code. */
export interface AppTemplate extends Template {
  /** What can be chosen, with what is meant by it and what holds where nothing is chosen. */
  readonly choices: Readonly<Record<string, { readonly meaning: string; readonly otherwise: string }>>;
  /** The bundle of each function in the published package, by its logical id. */
  readonly functions: Readonly<Record<string, string>>;
}

const OF_RESOURCES =
  /^(createBucket|bucketVersioning|kmsKeyArn|runsExpireAfterDays|runsKeptDays|logRetentionDays|ownNodes|reservedConcurrency|deploymentType|canary\w+|alarm(?!TopicArn)\w+)$/;

/**
 * Whether a choice changes more of a template than a text. A project says it on the resource itself
 * (`resources.extensions` of its serverless.yml), but for the bucket and the nodes.
 */
export function isOfResources(name: string): boolean {
  return OF_RESOURCES.test(name);
}

/** What the logical ids of a service's resources begin with: "services/async-llm" → "AsyncLlm" */
export function prefixOf(folder: string): string {
  return folder
    .replace('services/', '')
    .replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** `src/start-run/handler.handler` → the module, without its ending. */
export function moduleOf(handler: string): string {
  return handler.replace(/\.\w+$/, '');
}

/** A mistake in the serverless.yml of a project. */
export class ProjectError extends Error {
  override readonly name = 'ProjectError';
}
