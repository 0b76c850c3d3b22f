/** How a figure is assumed where neither document nor input says it. */
export type Mode = 'least' | 'usual' | 'most';

export const MODES: readonly Mode[] = ['least', 'usual', 'most'];

/** What a range rests on; docs/cost-model.md lists the same. */
export const ASSUMED: Readonly<
  Record<
    Mode,
    Readonly<Record<'invocationMs' | 'modelMs' | 'answerTokens' | 'tokensPerField' | 'inputFields', number>>
  >
> = {
  least: { invocationMs: 10, modelMs: 500, answerTokens: 1, tokensPerField: 0, inputFields: 0 },
  usual: { invocationMs: 60, modelMs: 10_000, answerTokens: 300, tokensPerField: 250, inputFields: 2 },
  most: { invocationMs: 2_000, modelMs: 60_000, answerTokens: 4_096, tokensPerField: 8_000, inputFields: 20 },
};

/** Bodies of lists and loops where the document does not say; the same as planning assumes. */
export const DEFAULT_ITEMS = { least: 0, usual: 50, most: 10_000 } as const;
export const DEFAULT_ITERATIONS = { least: 1, usual: 5, most: 10_000 } as const;

export const CHARACTERS_PER_TOKEN = 4;
/** Memory of every function that a segment passes through (serverless.yml). */
export const FUNCTION_GB = 1;
/** An invocation yields before Lambda's limit of 15 minutes. */
export const INVOCATION_LIMIT_MS = 780_000;
export const DEFAULT_LIST_WIDTH = 4;

/**
 * Items written to the table `runs`: by the starter; its end, that it was told, and its figures.
 */
export const RUN_RECORD = { dynamodb_writes: 4, events: 2 } as const;
