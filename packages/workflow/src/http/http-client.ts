/** One request, fully resolved. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly text: string; readonly type: string } | null;
  /** The body holds a secret: it is not sent on to another origin. */
  readonly keepsBody?: true;
  readonly timeout_ms: number;
  readonly max_bytes: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /**
   * The service took the request and named another address, which gave this answer: a repeat does it twice.
   */
  readonly taken?: true;
}

/**
 * How far a call came that failed: it never left, or it was answered with a refusal (neither did anything),
 * or nobody knows. An error says it in `details.end`.
 */
export type CallEnd = 'not_sent' | 'answered' | 'unknown';

/**
 * All that `api_call` asks of the network. @throws `Http.AddressRefused`, `Http.RequestInvalid`,
 * `Http.Refused`, `Http.TooLarge`, `Http.Unavailable`, each with its `end`
 */
export type HttpClient = (request: HttpRequest) => Promise<HttpAnswer>;
