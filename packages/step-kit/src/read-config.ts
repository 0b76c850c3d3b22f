import { StatebagError } from '@statebag/contracts';
import { THRESHOLDS } from '@statebag/contracts/limits';
import type { Thresholds } from '@statebag/state-core';
import { legacyPrefixTemplates } from './legacy-prefixes.ts';

/** What every function of the sync core and the runner is configured with. */
export interface StepConfig {
  readonly bucket: string;
  /** The name the function's metrics and logs carry. */
  readonly functionName: string;
  readonly thresholds: Thresholds;
  /** Where pointers of the first generation may lead, besides the run's own prefix. */
  readonly legacyReadPrefixes?: readonly string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment, read whole before the first event.
 * @throws `Contract.Misconfigured` naming the variable.
 */
export function readConfig(environment: Environment): StepConfig {
  return {
    bucket: matching(environment, 'STATE_BUCKET', /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
    functionName: environment['AWS_LAMBDA_FUNCTION_NAME'] ?? 'local',
    thresholds: {
      ...THRESHOLDS,
      ...thresholdChanges(environment['STATE_THRESHOLDS']),
      ...functionsAtOnce(environment['FUNCTIONS_AT_ONCE']),
    },
    legacyReadPrefixes: legacyPrefixTemplates(environment['LEGACY_READ_PREFIXES']),
  };
}

/** A variable that must be there and have a form. */
export function matching(environment: Environment, name: string, form: RegExp): string {
  const value = environment[name];
  if (value !== undefined && form.test(value)) return value;
  throw misconfigured(name, value === undefined ? 'is missing' : `does not match ${form.source}`);
}

/** `STATE_THRESHOLDS`: a JSON object of thresholds by name, in bytes. */
function thresholdChanges(text: string | undefined): Partial<Thresholds> {
  if (text === undefined || text === '') return {};
  const changes = parsedObject(text);
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(THRESHOLDS, name))
      throw misconfigured('STATE_THRESHOLDS', `has no threshold ${JSON.stringify(name)}`);
    if (!Number.isSafeInteger(value) || Number(value) < 0)
      throw misconfigured('STATE_THRESHOLDS', `needs a whole number as ${name}`);
  }
  return changes as Partial<Thresholds>; // every name and value was checked
}

/** `FUNCTIONS_AT_ONCE`: a whole number from 1; missing or empty, nothing is bounded. */
function functionsAtOnce(text: string | undefined): Partial<Thresholds> {
  if (text === undefined || text === '') return {};
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw misconfigured('FUNCTIONS_AT_ONCE', `is ${text}, no whole number from 1`);
  return { functionsAtOnce: Number(text) };
}

function parsedObject(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (cause) {
    throw misconfigured('STATE_THRESHOLDS', 'is not JSON', cause);
  }
  throw misconfigured('STATE_THRESHOLDS', 'is not a JSON object');
}

function misconfigured(name: string, problem: string, cause?: unknown): StatebagError {
  return new StatebagError('Contract.Misconfigured', `the environment variable ${name} ${problem}`, {
    cause,
  });
}
