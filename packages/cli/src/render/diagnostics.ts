import type { Diagnostic } from '@statebag/workflow';

/** Problems for a reader: place, what is wrong, and under it what mends it. */
export function diagnosticLines(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map(
      ({ severity, file, path, line, column, message, mend }) =>
        `${line > 0 ? `${file}:${line}:${column}` : file}: ${severity}: ${path}: ${message}\n  mend: ${mend}`,
    )
    .join('\n');
}
