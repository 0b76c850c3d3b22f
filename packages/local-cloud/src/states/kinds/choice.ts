import { compileCondition } from '../language/choice-rule.ts';
import { StatesError } from '../states-error.ts';
import type { StateKind } from './state-kinds.ts';

/** Goes where the first matching rule says. */
export const CHOICE: StateKind = {
  fields: ['Choices', 'Default'],
  flow: ['InputPath', 'OutputPath'],
  moves: false,
  recovers: false,
  compile(state) {
    const rules = state.objects('Choices').map((rule) => ({ matches: compileCondition(rule), next: rule.requiredText('Next') }));
    if (rules.length === 0) state.report('A list of at least one rule is required', { field: 'Choices' });
    const fallback = state.text('Default');
    return {
      targets: [...rules.map(({ next }) => next), ...(fallback === undefined ? [] : [fallback])],
      enter(frame) {
        const input = frame.effectiveInput();
        const scope = { input, context: () => frame.context() };
        const next = rules.find(({ matches }) => matches(scope))?.next ?? fallback;
        if (next === undefined)
          throw new StatesError('States.NoChoiceMatched', `No choice rule of the state '${frame.state.name}' matches and it has no Default.`);
        return frame.conclude(input, next);
      },
    };
  },
};
