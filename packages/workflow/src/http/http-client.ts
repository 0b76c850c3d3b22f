/** One request, fully resolved. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly text: string; readonly type: string } | null;
  readonly timeout_ms: number;
  readonly max_bytes: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** All that `api_call` asks of the network. @throws `Http.AddressRefused`, `Http.TooLarge`, `Http.Unavailable` */
export type HttpClient = (request: HttpRequest) => Promise<HttpAnswer>;
