/**
 * Every way to ask for a part of the runs of an owner, with what it takes: the API's query and the options of
 * `statebag list` are made of this table. Nothing is imported here, so that a help text is instant.
 */
export const RUN_FILTERS = {
  status: 'only runs with this status: RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED or CANCELLED',
  workflow_id: 'only runs of this workflow',
  since: 'only runs that began at this time or later: 2026-03-01 or 2026-03-01T08:00:00Z',
  until: 'only runs that began before this time',
} as const;

export type RunFilterName = keyof typeof RUN_FILTERS;

/** The filters as a caller writes them. */
export type RunFilterTexts = Readonly<Partial<Record<RunFilterName, string | undefined>>>;
