/** What a workflow's state and config are made of. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A JSON Schema as an object: written by hand, or made by TypeBox. */
export type JsonSchema = object;

/** A schema that checks by itself, as those of zod, valibot and ArkType do (standardschema.dev). */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

export type Schema = JsonSchema | StandardSchema;

/** What fits a schema. A keyword that is not read here makes it wider, never narrower. */
export type ConfigOf<Of> = Of extends StandardSchema<infer Output> ? Output : FitsJsonSchema<Of>;

type FitsJsonSchema<Of> = Of extends { readonly const: infer Value }
  ? Value
  : Of extends { readonly enum: readonly (infer Value)[] }
    ? Value
    : Of extends { readonly anyOf: readonly (infer Each)[] }
      ? EachOf<Each>
      : Of extends { readonly type: 'object' }
        ? ObjectOf<Of>
        : Of extends { readonly type: 'array' }
          ? readonly (Of extends { readonly items: infer Item } ? FitsJsonSchema<Item> : Json)[]
          : Of extends { readonly type: infer Name }
            ? Name extends keyof Plain
              ? Plain[Name]
              : Json
            : Json;

type EachOf<Each> = Each extends unknown ? FitsJsonSchema<Each> : never;

interface Plain {
  string: string;
  number: number;
  integer: number;
  boolean: boolean;
  null: null;
}

type ObjectOf<Of> = Of extends { readonly properties: infer Members }
  ? {
      readonly [Key in keyof Members as IsGiven<Of, Key> extends true ? Key : never]: FitsJsonSchema<
        Members[Key]
      >;
    } & {
      readonly [Key in keyof Members as IsGiven<Of, Key> extends true ? never : Key]?:
        | FitsJsonSchema<Members[Key]>
        | undefined;
    }
  : { readonly [key: string]: Json };

type IsGiven<Of, Key> = Of extends { readonly required: readonly (infer Name)[] }
  ? Key extends Name
    ? true
    : false
  : false;
