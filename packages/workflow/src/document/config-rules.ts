import type { Json, JsonObject } from '@statebag/contracts';
import type { Flow } from '../compile/flow.ts';

/** One way out of a condition: taken when `when` is true and no earlier one was. */
export interface Case {
  readonly when: string;
  readonly to: string;
}

/** One branch of a parallel group. */
export type BranchFlow = { readonly id: string; readonly optional: boolean; readonly flow: Flow };

/** What a config key holds once checked and compiled, by the kind of its rule. */
interface Kinds {
  /** Taken as it is. */
  text: string;
  /** May hold `{{ … }}`, or be one `{% … %}`, or `{ "file": "…" }` in the document. */
  template: string;
  /** Must be one `{% … %}`. */
  expression: string;
  /** Any JSON; texts in it may hold expressions and templates. */
  value: Json;
  /** An object of values. */
  values: JsonObject;
  integer: number;
  number: number;
  flag: boolean;
  choice: string;
  /** Names of top-level fields. */
  names: readonly string[];
  /** A JSON Schema. */
  schema: JsonObject;
  /** Nodes and edges of their own. */
  body: Flow;
  branches: readonly BranchFlow[];
  cases: readonly Case[];
  /** Id of a node beside this one. */
  node: string;
}

export type RuleKind = keyof Kinds;

/** What one config key may hold. The same rule gives the type, the check, the JSON Schema and the page of the format. */
export interface ConfigRule {
  readonly kind: RuleKind;
  /** One sentence for whoever writes the document. */
  readonly doc: string;
  readonly required?: true;
  readonly least?: number;
  readonly most?: number;
  readonly of?: readonly string[];
  /** Evaluated when a body has run: sees what the body wrote. */
  readonly afterBody?: true;
}

export type ConfigRules = Readonly<Record<string, ConfigRule>>;

type ValueOf<Rule extends ConfigRule> = Rule extends { kind: 'choice'; of: readonly (infer Word)[] } ? Word : Kinds[Rule['kind']];

/** The type of a config that keeps the rules. */
export type ConfigOf<Rules extends ConfigRules> = {
  readonly [Key in keyof Rules as Rules[Key] extends { required: true } ? Key : never]: ValueOf<Rules[Key]>;
} & {
  readonly [Key in keyof Rules as Rules[Key] extends { required: true } ? never : Key]?: ValueOf<Rules[Key]>;
};

/** Kinds whose texts are evaluated against the state: these make a node's read set. */
export const EVALUATED_KINDS: ReadonlySet<RuleKind> = new Set<RuleKind>(['template', 'expression', 'value', 'values', 'cases']);
