import type { Diagnostic } from '@statebag/workflow';

/** Problems for a reader: the place, what is wrong, and on the next line how to correct it. */
export function diagnosticLines(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map(({ severity, file, path, line, column, message, mend }) => {
      const place = line > 0 ? `${file}:${line}:${column}` : file;
      return `${place}: ${severity}: ${path}: ${message}\n  mend: ${mend}`;
    })
    .join('\n');
}
