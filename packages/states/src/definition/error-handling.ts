import { type Conclude, compileAssign, compileConclusion, readPlace } from '../language/data-flow.ts';
import { ASSIGN, type FieldTable, OUTPUT, TEXT } from '../language/fields.ts';
import type { Reader } from '../language/reader.ts';
import type { Catcher, Retrier } from '../program/program.ts';

const LONGEST_INTERVAL = 99_999_999;
const ERRORS: FieldTable = { ErrorEquals: { holds: 'texts', required: true }, Comment: TEXT };

export const RETRIER_FIELDS: FieldTable = {
  ...ERRORS,
  IntervalSeconds: { holds: 'integer', least: 1, most: LONGEST_INTERVAL },
  MaxAttempts: { holds: 'integer', most: LONGEST_INTERVAL },
  BackoffRate: { holds: 'number', least: 1 },
  MaxDelaySeconds: { holds: 'integer', least: 1, most: 31_622_400 },
  JitterStrategy: { holds: 'text', values: ['FULL', 'NONE'] },
};

export const CATCHER_FIELDS: FieldTable = {
  ...ERRORS,
  ...ASSIGN,
  ...OUTPUT,
  Next: { holds: 'text', required: true },
  ResultPath: { holds: 'referencePath', only: 'JSONPath', nullable: true },
};

/** Reads the Retry list of a state. */
export function readRetriers(state: Reader): readonly Retrier[] {
  const retriers = state.objects('Retry');
  lintWildcards(retriers);
  return retriers.map(readRetrier);
}

function readRetrier(retrier: Reader): Retrier {
  return {
    errors: readErrors(retrier),
    intervalSeconds: retrier.integer('IntervalSeconds') ?? 1,
    maxAttempts: retrier.integer('MaxAttempts') ?? 3,
    backoffRate: retrier.number('BackoffRate') ?? 2,
    maxDelaySeconds: retrier.integer('MaxDelaySeconds'),
    fullJitter: retrier.text('JitterStrategy') === 'FULL',
  };
}

/** Reads the Catch list of a state. */
export function readCatchers(state: Reader): readonly Catcher[] {
  const catchers = state.objects('Catch');
  lintWildcards(catchers);
  return catchers.map((catcher) => {
    return {
      errors: readErrors(catcher),
      next: catcher.text('Next') ?? '',
      conclude:
        catcher.language === 'JSONata' ? compileConclusion(catcher, 'errorOutput') : catchAtPath(catcher),
    };
  });
}

/** What a catcher of a JSONPath state hands on: the error, in the place that ResultPath names. */
function catchAtPath(catcher: Reader): Conclude {
  const place = readPlace(catcher.referencePath('ResultPath'));
  const assign = compileAssign(catcher);
  return (error, scope) => ({
    output: place ? place(scope.input, error) : error,
    assigned: assign?.(error, scope),
  });
}

function readErrors(handler: Reader): readonly string[] {
  const errors = handler.texts('ErrorEquals');
  if (errors.length === 0)
    handler.report('A list of at least one error name is required', { field: 'ErrorEquals' });
  return errors;
}

/** `States.ALL` stands alone, and nothing comes after it. */
function lintWildcards(handlers: readonly Reader[]): void {
  for (const [index, handler] of handlers.entries()) {
    const errors = handler.texts('ErrorEquals');
    if (!errors.includes('States.ALL')) continue;
    if (errors.length > 1)
      handler.report("'States.ALL' has to be the only name in its list", { field: 'ErrorEquals' });
    if (index < handlers.length - 1)
      handler.report("'States.ALL' has to be in the last element of the list", { field: 'ErrorEquals' });
  }
}
