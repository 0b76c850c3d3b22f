import type { Mapping, Plain } from '../document.ts';

/** A resource of SAM, with what the template says for all of its type. */
export interface ServerlessResource {
  readonly id: string;
  readonly properties: Mapping;
  readonly condition: Plain | undefined;
}

/** Resources of CloudFormation by logical id. */
export type Generated = Readonly<Record<string, Plain>>;

/** What a resource of SAM comes to. */
export interface Expanded {
  readonly resources: Generated;
  /** The APIs that its events have routes in. */
  readonly routesOf?: readonly string[];
  /** Names that others may call parts of it by. */
  readonly names?: Readonly<Record<string, string>>;
}

/** Whom events start. */
export interface Started {
  readonly id: string;
  readonly kind: 'function' | 'machine';
  readonly arn: Plain;
}

/** One event of it, with what it is called. */
export interface StartingEvent {
  readonly name: string;
  readonly properties: Mapping;
}

/** What events come to. */
export type Wiring = Required<Pick<Expanded, 'resources' | 'routesOf'>>;

export const arnOf = (id: string): Mapping => ({ 'Fn::GetAtt': [id, 'Arn'] });

/** SAM writes tags as a mapping, and CloudFormation as a list. */
export function tagList(tags: Plain | undefined): Plain | undefined {
  if (typeof tags !== 'object' || tags === null || Array.isArray(tags)) return undefined;
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** The members that are there. */
export function present(members: Readonly<Record<string, Plain | undefined>>): Mapping {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}
