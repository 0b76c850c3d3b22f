import { ERRORS } from '@statebag/contracts/errors';
import type { RunView } from '@statebag/contracts/schemas/api';

/** What a run failed with, for a reader: a sentence, a code, and what mends it. */
export interface Verdict {
  readonly sentence: string;
  readonly code: string;
  readonly mend: string;
  readonly retried: boolean;
}

const LONGEST = 280;

/**
 * From the error's own words: the cause without the items, the node and the expression that it begins with.
 */
export function verdictOf({ error, cause, status }: Pick<RunView, 'error' | 'cause' | 'status'>): Verdict {
  const code = error ?? status;
  const known = Object.hasOwn(ERRORS, code) ? ERRORS[code as keyof typeof ERRORS] : undefined; // it was looked up
  return {
    code,
    sentence: sentenceOf(cause ?? '') || known?.when || `The run ended as ${status}.`,
    mend:
      known?.mend ?? 'Read the cause: it comes from outside Statebag, and its name is not in the catalogue.',
    retried: known?.retryable ?? false,
  };
}

/** The item of a list that failed, counted from 1, where the cause names one. */
export function itemOf({ cause }: Pick<RunView, 'cause'>): number | null {
  const found = /^item (\d+): /.exec(cause ?? '')?.[1];
  return found === undefined ? null : Number(found) + 1;
}

function sentenceOf(cause: string): string {
  const [line = ''] = cause.split('\n');
  const text = line
    .replace(/^(item \d+: )*(node [\w.:-]+: )?/, '')
    .replace(/^\{[%{].*?[%}]\}: /, '')
    .replace(/ \(position \d+\)$/, '');
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return cut === '' ? '' : cut.slice(0, 1).toUpperCase() + cut.slice(1) + (/[.!?…]$/.test(cut) ? '' : '.');
}
