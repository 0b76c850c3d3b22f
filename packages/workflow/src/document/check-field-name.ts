import { CONTROL_FIELDS, FORBIDDEN_KEYS, RESERVED_INPUT_FIELDS } from '@statebag/contracts';
import { isProgressField } from '../compile/progress-field.ts';
import type { Path, Report } from './diagnostics.ts';

const REFUSED: ReadonlySet<string> = new Set([...CONTROL_FIELDS, ...FORBIDDEN_KEYS, ...RESERVED_INPUT_FIELDS]);
const LONGEST_NAME = 256;

/** Reports a name that no field of the state may have. */
export function checkFieldName(name: string, at: Path, report: Report): void {
  if (REFUSED.has(name) || isProgressField(name)) report.add({ code: 'reserved-field', at, message: `${JSON.stringify(name)} is a reserved name` });
  if (name === '' || name.length > LONGEST_NAME) report.add({ code: 'reserved-field', at, message: `a field name has 1 to ${LONGEST_NAME} characters` });
}
