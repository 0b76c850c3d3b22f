import type { Json, JsonObject } from '@statebag/contracts';
import type { Machine } from './definition.ts';
import type { End, HistoryEvent, Visit, Walk } from './history.ts';

export type Level = 'error' | 'warning' | 'note';

/** What to change, as fields of a state: `null` as a text stands for a field that goes. */
export interface Mend {
  readonly why: string;
  /** It belongs to the mend before it; without it each mend is another way. */
  readonly joined?: true;
  /** The state whose definition changes, or one that is new. */
  readonly state?: string;
  /** Fields with their new values. */
  readonly set?: Readonly<Record<string, Json>>;
  readonly remove?: readonly string[];
  /** Lines to change elsewhere: in a function's code, in what an operator types. */
  readonly lines?: readonly string[];
}

/** One thing that a rule has found. */
export interface Finding {
  /** The state it is about; undefined: the whole machine or execution. */
  readonly state?: string;
  readonly message: string;
  readonly mends?: readonly Mend[];
  /** Where it is better known, or worse, than the rule says. */
  readonly level?: Level;
}

/** A machine and one of its executions. */
export interface Case {
  /** Undefined: only the history is known. */
  readonly machine: Machine | undefined;
  readonly events: readonly HistoryEvent[];
  readonly walk: Walk;
  readonly end: End;
  /** The state in which the failure arose. */
  readonly failed: Visit | undefined;
  /** Now, in milliseconds since 1970: how long something has waited. */
  readonly now: number;
}

export interface Example {
  readonly definition?: JsonObject;
  readonly events?: readonly JsonObject[];
}

interface RuleWords {
  /** Never used for another rule. */
  readonly code: string;
  /** Says what is wrong, in a few words. */
  readonly title: string;
  readonly level: Level;
  /** Why it is wrong, for its page in the documents. */
  readonly why: string;
  readonly mend: string;
  /** Gives a finding. */
  readonly failing: Example;
  /** Gives none. */
  readonly passing: Example;
}

/** Needs the definition alone. */
export interface StaticRule extends RuleWords {
  readonly kind: 'static';
  check(machine: Machine): readonly Finding[];
}

/** Needs the history of an execution; knows more with the definition. */
export interface HistoryRule extends RuleWords {
  readonly kind: 'history';
  check(execution: Case): readonly Finding[];
}

export type Rule = StaticRule | HistoryRule;
