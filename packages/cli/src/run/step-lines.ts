/** The line that every function writes once per invocation; described in packages/step-kit/README.md. */
export interface StepLine {
  readonly statebag: 'step';
  readonly function: string;
  readonly execution_id: string;
  readonly event_bytes: number;
  readonly hydrated_bytes: number;
  readonly control_plane_bytes: number;
  readonly s3: { readonly puts: number; readonly gets: number; readonly dedupe_hits: number; readonly put_bytes: number; readonly get_bytes: number };
  readonly ledger: { readonly hits: number; readonly writes: number };
}
