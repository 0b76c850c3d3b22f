/** A CloudFormation template, as far as the rules look at it. */
export interface Template {
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

export interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

export type NamedResource = Resource & { readonly id: string };

/** Resources of one type with their logical ids. */
export function ofType({ Resources }: Template, type: string): readonly NamedResource[] {
  return Object.entries(Resources)
    .filter(([, { Type }]) => Type === type)
    .map(([id, resource]) => ({ id, ...resource }));
}

/** Members of a mapping; nothing for anything else. */
export function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** A list; what is not one is a list of one, nothing is none. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** Every mapping inside of a value, itself included. */
export function mappingsIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (Array.isArray(value)) return value.flatMap(mappingsIn);
  if (typeof value !== 'object' || value === null) return [];
  return [value as Record<string, unknown>, ...Object.values(value).flatMap(mappingsIn)];
}

export interface Statement {
  /** Logical id of the role. */
  readonly role: string;
  readonly actions: readonly string[];
  readonly resources: readonly unknown[];
}

/** What roles are allowed. */
export function statementsOf(template: Template): readonly Statement[] {
  const policies = [
    ...ofType(template, 'AWS::IAM::Role').flatMap((role) =>
      listOf(role.Properties?.['Policies']).map((policy) => ({ role: role.id, policy })),
    ),
  ];
  return policies.flatMap(({ role, policy }) =>
    listOf(members(members(policy)['PolicyDocument'])['Statement'])
      .map(members)
      .filter(({ Effect }) => Effect === 'Allow')
      .map(({ Action, Resource }) => ({
        role,
        actions: listOf(Action).map(String),
        resources: listOf(Resource),
      })),
  );
}
