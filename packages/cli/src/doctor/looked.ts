import type { Patient } from '@statebag/doctor';

/** Something to look at: an execution, or a definition alone. */
export interface Looked {
  readonly name: string;
  /** Where its definition lies, for SARIF. */
  readonly uri: string;
  /** The text of its definition, in which states have lines; empty without one. */
  readonly text: string;
  readonly patient: Patient;
  /** Undefined: it is no execution. */
  readonly startedAt?: number;
  readonly machine?: string;
  /** The execution and the state of it that started this one. */
  readonly startedBy?: { readonly execution: string; readonly state: string };
  /** Its page in the console of AWS. */
  readonly link?: string;
}
