import type { Catcher, Retrier } from './program.ts';
import type { Reader } from './reader.ts';

const RETRIER_FIELDS = ['ErrorEquals', 'IntervalSeconds', 'MaxAttempts', 'BackoffRate', 'MaxDelaySeconds', 'JitterStrategy', 'Comment'];
const CATCHER_FIELDS = ['ErrorEquals', 'Next', 'ResultPath', 'Comment', 'Assign'];
const LONGEST_INTERVAL = 99_999_999;

/** Reads the Retry list of a state. */
export function readRetriers(state: Reader): readonly Retrier[] {
  const retriers = state.objects('Retry');
  lintWildcards(retriers);
  return retriers.map(readRetrier);
}

function readRetrier(retrier: Reader): Retrier {
  retrier.allow(RETRIER_FIELDS);
  const jitter = retrier.text('JitterStrategy') ?? 'NONE';
  if (jitter !== 'FULL' && jitter !== 'NONE') retrier.report("Expected 'FULL' or 'NONE'", { field: 'JitterStrategy' });
  return {
    errors: readErrors(retrier),
    intervalSeconds: retrier.integer('IntervalSeconds', { least: 1, most: LONGEST_INTERVAL }) ?? 1,
    maxAttempts: retrier.integer('MaxAttempts', { most: LONGEST_INTERVAL }) ?? 3,
    backoffRate: retrier.number('BackoffRate', { least: 1 }) ?? 2,
    maxDelaySeconds: retrier.integer('MaxDelaySeconds', { least: 1, most: 31_622_400 }),
    fullJitter: jitter === 'FULL',
  };
}

/** Reads the Catch list of a state. */
export function readCatchers(state: Reader): readonly Catcher[] {
  const catchers = state.objects('Catch');
  lintWildcards(catchers);
  return catchers.map((catcher) => {
    catcher.allow(CATCHER_FIELDS);
    catcher.refuseVariables();
    return { errors: readErrors(catcher), next: catcher.requiredText('Next'), resultPath: readResultPath(catcher) };
  });
}

function readResultPath(catcher: Reader): Catcher['resultPath'] {
  const path = catcher.referencePath('ResultPath');
  return path === undefined ? { text: '$', write: (_, value) => value } : path;
}

function readErrors(handler: Reader): readonly string[] {
  const errors = handler.texts('ErrorEquals');
  if (errors.length === 0) handler.report('A list of at least one error name is required', { field: 'ErrorEquals' });
  return errors;
}

/** `States.ALL` stands alone, and nothing comes after it. */
function lintWildcards(handlers: readonly Reader[]): void {
  for (const [index, handler] of handlers.entries()) {
    const errors = handler.texts('ErrorEquals');
    if (!errors.includes('States.ALL')) continue;
    if (errors.length > 1) handler.report("'States.ALL' has to be the only name in its list", { field: 'ErrorEquals' });
    if (index < handlers.length - 1) handler.report("'States.ALL' has to be in the last element of the list", { field: 'ErrorEquals' });
  }
}
