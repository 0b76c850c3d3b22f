import type { Json, JsonObject } from '@statebag/contracts';
import type { SharedBudget, SpendLimit } from '@statebag/contracts/schemas/model-call';
import type { BranchFlow, Flow } from './flow.ts';

/** One way out of a condition: taken when `when` is true and no earlier one was. */
export interface Case {
  readonly when: string;
  readonly to: string;
}

/** When and how often a call that failed is made again. */
export interface Retry {
  /** The first one counts. */
  readonly attempts: number;
  readonly interval_s?: number;
  readonly backoff?: number;
  readonly errors?: readonly string[];
}

/** A field that names a file of the owner, or several. */
export interface FileFrom {
  readonly file_from: string;
  readonly media_type?: string;
}

/** What a config key holds once checked and compiled, by the kind of its rule. */
interface Kinds {
  /** Taken as it is. */
  text: string;
  /** The name of a provider. */
  provider: string;
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
  /** The name of a top-level field. */
  field: string;
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
  /** Some of the words in `of`. */
  words: readonly string[];
  retry: Retry;
  /** Files of the owner, by the fields that name them. */
  files: readonly FileFrom[];
  /** What nodes may spend, by their ids. */
  limits: Readonly<Record<string, SpendLimit>>;
  /** What runs spend together that name the same budget. */
  budget: SharedBudget;
}

export type RuleKind = keyof Kinds;

/**
 * What one config key may hold. The same rule gives the type, the check, the JSON Schema and the page of the
 * format.
 */
export interface ConfigRule {
  readonly kind: RuleKind;
  /** One sentence for whoever writes the document. */
  readonly doc: string;
  readonly required?: true;
  readonly least?: number;
  readonly most?: number;
  readonly of?: readonly string[];
  /** A body that may be `{ "file": "…" }`: another workflow. */
  readonly fromFile?: true;
  /** Its texts may use `$secret('name')`. */
  readonly secrets?: true;
  /** Evaluated when a body has run: sees what the body wrote. */
  readonly afterBody?: true;
  /**
   * Written into every document that leaves the key out: definitions that were published before the key was
   * there go on without it.
   */
  readonly filled?: string;
  /** Whatever the value is, it is sent or shown as a text. */
  readonly asText?: true;
}

export type ConfigRules = Readonly<Record<string, ConfigRule>>;

type ValueOf<Rule extends ConfigRule> = Rule extends { kind: 'choice'; of: readonly (infer Word)[] }
  ? Word
  : Kinds[Rule['kind']];

/** The members of a `retry`. */
export const RETRY_RULES = {
  attempts: {
    kind: 'integer',
    required: true,
    least: 2,
    most: 20,
    doc: 'How often the call is made in all, the first time included.',
  },
  interval_s: { kind: 'number', least: 0.1, most: 86_400, doc: 'Seconds before the second attempt.' },
  backoff: { kind: 'number', least: 1, most: 10, doc: 'Each further wait is so many times longer.' },
  errors: {
    kind: 'words',
    of: [
      'Llm.Unavailable',
      'Llm.OutputInvalid',
      'Llm.Refused',
      'Llm.RequestRejected',
      'Http.Unavailable',
      'Http.Refused',
      'Function.Unavailable',
      'Function.Failed',
    ],
    doc: 'Errors that are tried again.',
  },
} as const satisfies ConfigRules;

/** The members of a file of `files`. */
export const FILE_RULES = {
  file_from: {
    kind: 'field',
    required: true,
    doc: 'Field that holds the name of an upload, `{ "upload", "media_type"? }`, or a list of them.',
  },
  media_type: { kind: 'text', doc: 'What the file is; by the ending of its name if not given.' },
} as const satisfies ConfigRules;

/** What may be spent on models: the same for a run and for a node. */
export const LIMIT_RULES = {
  max_cost_usd: {
    kind: 'number',
    least: 0,
    most: 1_000_000,
    doc: 'Dollars that model calls may cost. A call that could take more is not made; the error is `Run.CostExceeded`.',
  },
  max_tokens: {
    kind: 'integer',
    least: 1,
    most: 1_000_000_000_000,
    doc: 'Tokens that model calls may take, questions and answers together.',
  },
} as const satisfies ConfigRules;

/** `options.budget`. */
export const BUDGET_RULES = {
  name: {
    kind: 'text',
    required: true,
    doc: 'What the budget is called: letters, digits, points and dashes, at most 64. All runs of the owner whose workflows name it count together.',
  },
  ...LIMIT_RULES,
} as const satisfies ConfigRules;

/** The type of a config that keeps the rules. */
export type ConfigOf<Rules extends ConfigRules> = {
  readonly [Key in keyof Rules as Rules[Key] extends { required: true } ? Key : never]: ValueOf<Rules[Key]>;
} & {
  readonly [Key in keyof Rules as Rules[Key] extends { required: true } ? never : Key]?: ValueOf<Rules[Key]>;
};

/** Kinds whose texts are evaluated against the state: these make a node's read set. */
export const EVALUATED_KINDS: ReadonlySet<RuleKind> = new Set<RuleKind>([
  'template',
  'expression',
  'value',
  'values',
  'cases',
]);
