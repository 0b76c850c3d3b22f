import { type Condition, compileCondition, compileQueryCondition } from '../language/choice-rule.ts';
import { type Conclude, compileAssign, compileConclusion, type DataFlow } from '../language/data-flow.ts';
import { compileExpression, type Evaluate } from '../language/expression.ts';
import { ASSIGN, OUTPUT, PATH_INPUT_OUTPUT, TEXT } from '../language/fields.ts';
import type { Json } from '../language/json.ts';
import { expectType, expressionIn } from '../language/jsonata.ts';
import type { Reader } from '../language/reader.ts';
import { StateRuntimeError, StatesError } from '../language/states-error.ts';
import type { StateKind } from '../program/program.ts';

/** Hands its input on, or a constant. */
export const PASS: StateKind = {
  fields: {
    ...PATH_INPUT_OUTPUT,
    ...OUTPUT,
    ...ASSIGN,
    Result: { holds: 'any', only: 'JSONPath' },
    Parameters: { holds: 'any', only: 'JSONPath' },
    ResultPath: { holds: 'referencePath', only: 'JSONPath', nullable: true },
  },
  moves: true,
  recovers: false,
  compile(state) {
    const result = state.value('Result');
    return {
      enter: (frame) => frame.conclude(result === undefined ? frame.argument().value : result, NO_RESULT),
    };
  },
};

/** Goes where the first matching rule says. */
export const CHOICE: StateKind = {
  fields: {
    ...PATH_INPUT_OUTPUT,
    ...OUTPUT,
    ...ASSIGN,
    Choices: { holds: 'list', required: true },
    Default: TEXT,
  },
  moves: false,
  recovers: false,
  compile(state) {
    const rules = state.objects('Choices').map(compileRule);
    if (rules.length === 0) state.report('A list of at least one rule is required', { field: 'Choices' });
    const fallback = state.text('Default');
    return {
      targets: [
        ...rules.map(({ next }, index) => ({ name: next, field: `Choices[${index}]/Next` })),
        ...(fallback === undefined ? [] : [{ name: fallback, field: 'Default' }]),
      ],
      enter(frame) {
        const rule = rules.find(({ matches }) => matches(frame.scope()));
        const next = rule?.next ?? fallback;
        if (next === undefined)
          throw new StatesError(
            'States.NoChoiceMatched',
            'Failed to transition out of the state. The state does not point to a next state.',
            { ofState: true },
          );
        return frame.conclude(frame.effectiveInput(), {
          ...NO_RESULT,
          next,
          conclude: rule?.conclude(frame.state.flow),
        });
      },
    };
  },
};

/** What a state without work hands on is its input: it has no result. */
const NO_RESULT = { findings: {} };

interface Rule {
  readonly matches: Condition;
  readonly next: string;
  /** What the state hands on when the rule matches. */
  conclude(flow: DataFlow): Conclude;
}

/** A rule that matches takes the place of what the state says for its Default. */
function compileRule(rule: Reader): Rule {
  const next = rule.requiredText('Next');
  if (rule.language === 'JSONata') {
    const conclude = compileConclusion(rule);
    return { matches: compileQueryCondition(rule), next, conclude: () => conclude };
  }
  const assign = compileAssign(rule);
  return {
    matches: compileCondition(rule),
    next,
    conclude: (flow) => (result, scope, findings) => flow.conclude(result, scope, findings, { assign }),
  };
}

/** Ends its program well. */
export const SUCCEED: StateKind = {
  fields: { ...PATH_INPUT_OUTPUT, ...OUTPUT },
  moves: false,
  recovers: false,
  compile: () => ({ enter: (frame) => frame.conclude(frame.effectiveInput(), NO_RESULT) }),
};

/** Ends its program with an error. */
export const FAIL: StateKind = {
  fields: {
    Error: { holds: 'text', expression: true, excludes: ['ErrorPath'] },
    Cause: { holds: 'text', expression: true, excludes: ['CausePath'] },
    ErrorPath: { holds: 'path', only: 'JSONPath' },
    CausePath: { holds: 'path', only: 'JSONPath' },
  },
  moves: false,
  recovers: false,
  compile(state) {
    const error = compileText(state, 'Error');
    const cause = compileText(state, 'Cause');
    return {
      enter(frame) {
        throw new StatesError(error?.(frame), cause?.(frame));
      },
    };
  },
};

/** The constant of a field, or what its path or intrinsic function gives. Undefined: neither is there. */
function compileText(
  state: Reader,
  field: 'Error' | 'Cause',
): ((scope: Parameters<Evaluate>[0]) => string) | undefined {
  const pathField = `${field}Path`;
  if (state.language === 'JSONata') return compileQueriedText(state, field);
  const constant = state.text(field);
  const source = state.text(pathField);
  if (source === undefined) return constant === undefined ? undefined : () => constant;
  const evaluate = state.compiled(pathField, () => compileExpression(source, pathField));
  return (scope) => {
    const value = evaluate?.(scope);
    if (typeof value === 'string') return value;
    throw new StateRuntimeError(
      `The ${pathField} field refers to value ${JSON.stringify(value)} which is not a string: ${source}`,
    );
  };
}

const isText = (value: Json): value is string => typeof value === 'string';

function compileQueriedText(
  state: Reader,
  field: string,
): ((scope: Parameters<Evaluate>[0]) => string) | undefined {
  const source = expressionIn(state.value(field));
  if (source === undefined) {
    const constant = state.text(field);
    return constant === undefined ? undefined : () => constant;
  }
  const query = state.query(field);
  const place = { expected: 'string', location: state.placeOf(field), source };
  return query && ((scope) => expectType(query(scope), place, isText));
}
