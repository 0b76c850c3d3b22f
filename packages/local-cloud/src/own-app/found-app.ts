import type { Mapping } from '../cloudformation/document.ts';

/** Which tool describes an application. */
export type AppKind = 'cdk' | 'serverless' | 'sam' | 'cloudformation';

/** A stack of it, as its tool has written it. */
export interface FoundStack {
  readonly name: string;
  readonly template: Mapping;
  /** The folder that paths in the template start from. */
  readonly folder: string;
  /** Packages that lie beside the template already, by the end of the key that it has for them. */
  readonly packages: readonly FoundPackage[];
}

export interface FoundPackage {
  readonly bucket: string | undefined;
  readonly key: string;
  readonly path: string;
}

export interface FoundApp {
  readonly kind: AppKind;
  readonly stacks: readonly FoundStack[];
  /** The file that says what there is. */
  readonly file: string;
}
