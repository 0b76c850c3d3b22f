/** What may go wrong, by the name that a state machine matches in `ErrorEquals`. */
export type OffloadErrorName =
  | 'Offload.BudgetExceeded'
  | 'Offload.Foreign'
  | 'Offload.ObjectCorrupt'
  | 'Offload.ObjectMissing'
  | 'Offload.AccessDenied'
  | 'Offload.Unavailable'
  | 'Offload.Misconfigured'
  | 'Offload.NotJson';

/** Every failure that this package raises on purpose. Only `Offload.Unavailable` is worth a retry. */
export class OffloadError extends Error {
  override readonly name: OffloadErrorName;

  constructor(name: OffloadErrorName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}
