/** A request as API Gateway hands it over (payload 2.0), as far as it is looked at. */
export interface ApiEvent {
  /** Method and path of the route, such as `POST /runs/{run_id}/approve`. */
  readonly routeKey: string;
  readonly headers?: Texts;
  readonly pathParameters?: Texts;
  readonly queryStringParameters?: Texts;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: {
    readonly requestId?: string;
    /** What the authoriser read from the token it checked. */
    readonly authorizer?: { readonly jwt?: { readonly claims?: Readonly<Record<string, unknown>> } };
  };
}

export type Texts = Readonly<Record<string, string | undefined>>;

/** The reply, in the same format. */
export interface ApiReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
