import { type Environment, matching } from '@statebag/step-kit';

const NAME = 'CAUSES_SHOW_VALUES';

/**
 * Whether causes of failures hold values of the state. @throws `Contract.Misconfigured` for anything but
 * `true`, `false` and nothing
 */
export function causesShowValues(environment: Environment): boolean {
  return matching({ [NAME]: 'false', ...environment }, NAME, /^(true|false)$/) === 'true';
}
