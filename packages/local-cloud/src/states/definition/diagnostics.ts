/** One finding about a definition, as ValidateStateMachineDefinition reports it. */
export interface Diagnostic {
  readonly severity: 'ERROR' | 'WARNING';
  readonly code: DiagnosticCode;
  readonly message: string;
  /** JSON pointer into the definition. */
  readonly location: string;
}

export type DiagnosticCode = 'INVALID_JSON_DESCRIPTION' | 'SCHEMA_VALIDATION_FAILED' | 'MISSING_TRANSITION_TARGET' | 'NOT_SUPPORTED_LOCALLY';

/** The sentence that InvalidDefinition carries. */
export function describeDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'ERROR');
  return `Invalid State Machine Definition: '${errors.map(({ code, message, location }) => `${code}: ${message} at ${location || '/'}`).join(', ')}'`;
}
