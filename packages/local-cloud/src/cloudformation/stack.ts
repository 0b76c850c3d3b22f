import type { Mapping, Plain } from './document.ts';
import type { ResourceType } from './resource-types.ts';
import type { Policy } from './template.ts';

/** What a stack was asked to be. */
export interface StackWish {
  /** The template's text. */
  readonly template: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: readonly Tag[];
  readonly capabilities: readonly string[];
  /** Resources of its names that belong to no stack become its own, as they are. */
  readonly adopts?: true;
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export interface StackOutput {
  readonly key: string;
  readonly value: string;
  readonly description?: string;
  readonly exportName?: string;
}

export interface Stack {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly reason?: string;
  readonly wish: StackWish;
  readonly outputs: readonly StackOutput[];
  /** Names of exports that it uses. */
  readonly imports: readonly string[];
  readonly createdAt: number;
  readonly updatedAt?: number;
  readonly deletedAt?: number;
  /** What it was before the update that is under way. */
  readonly before?: Pick<Stack, 'wish' | 'outputs' | 'imports'>;
}

/** What there is of a resource. */
export interface Existing {
  readonly type: ResourceType;
  readonly physicalId: string;
  readonly properties: Mapping;
  readonly attributes: Readonly<Record<string, Plain>>;
}

export interface StackResource extends Existing {
  readonly logicalId: string;
  readonly status: string;
  readonly reason?: string;
  readonly updatedAt: number;
  /** Its place in the order of creation. */
  readonly order: number;
  readonly deletionPolicy: Policy;
  readonly updateReplacePolicy: Policy;
  /** What the operation under way did with it: what a rollback takes back. */
  readonly change?: 'created' | 'adopted' | 'updated' | 'replaced';
  readonly before?: Existing;
}

export interface StackEvent {
  readonly id: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly at: number;
}

export interface ChangeSet {
  readonly id: string;
  readonly name: string;
  readonly stackId: string;
  readonly type: 'CREATE' | 'UPDATE';
  readonly status: 'CREATE_COMPLETE' | 'FAILED';
  readonly reason?: string;
  readonly executed: boolean;
  readonly wish: StackWish;
  readonly changes: readonly Change[];
  readonly createdAt: number;
}

export interface Change {
  readonly action: 'Add' | 'Modify' | 'Remove';
  readonly logicalId: string;
  readonly type: ResourceType;
  readonly physicalId?: string;
  readonly replaces?: boolean;
  /** Names of properties that change. */
  readonly properties: readonly string[];
}
