import type { Template } from '../package/template.ts';

/** All stacks of the app as one template, in which a project fills in its stage, its choices and the code. */
export interface AppTemplate extends Template {
  /** What can be chosen, with what is meant by it and what holds where nothing is chosen. */
  readonly choices: Readonly<Record<string, { readonly meaning: string; readonly otherwise: string }>>;
  /** The bundle of each function in the published package, by its logical id. */
  readonly functions: Readonly<Record<string, string>>;
}

/** `src/start-run/handler.handler` → the module, without its ending. */
export function moduleOf(handler: string): string {
  return handler.replace(/\.\w+$/, '');
}

/** A mistake in the serverless.yml of a project. */
export class ProjectError extends Error {
  override readonly name = 'ProjectError';
}
