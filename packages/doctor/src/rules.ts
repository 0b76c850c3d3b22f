import type { HistoryRule, Rule, StaticRule } from './rule.ts';
import { COURSE_RULES } from './rules/course-rules.ts';
import { DATA_RULES } from './rules/data-rules.ts';
import { EVENT_RULES } from './rules/event-rules.ts';
import { FAILURE_RULES } from './rules/failure-rules.ts';
import { HANDLER_RULES } from './rules/handler-rules.ts';
import { TIME_RULES } from './rules/time-rules.ts';
import { WALL_RULES } from './rules/wall-rules.ts';

const byCode = (left: Rule, right: Rule): number => (left.code < right.code ? -1 : 1);

/** Rules that need the definition alone. */
export const STATIC_RULES: readonly StaticRule[] = [
  ...TIME_RULES,
  ...HANDLER_RULES,
  ...DATA_RULES,
  ...EVENT_RULES,
].sort(byCode);

/** Rules that need the history of an execution. */
export const HISTORY_RULES: readonly HistoryRule[] = [...WALL_RULES, ...COURSE_RULES, ...FAILURE_RULES].sort(
  byCode,
);

/** Every rule, by its code. */
export const RULES: readonly Rule[] = [...STATIC_RULES, ...HISTORY_RULES];
