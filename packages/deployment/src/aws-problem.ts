/** What went wrong with a call of AWS, for whoever types commands: what is not as it should be, and what mends it. */
export interface AwsProblem {
  readonly problem: string;
  readonly mend: string;
}

interface Rule {
  /** Of the names and codes of an error, or of its message. */
  readonly matches: RegExp;
  readonly problem: (said: string, place: string) => string;
  readonly mend: string;
}

const RULES: readonly Rule[] = [
  {
    matches: /^(?:Credentials|Token)ProviderError/,
    problem: (said) => `no credentials of AWS: ${said}`,
    mend: 'set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with aws sso login',
  },
  {
    matches: /^Region is missing/,
    problem: () => 'no region of AWS is chosen',
    mend: 'give --region where the command takes it, or set AWS_REGION',
  },
  {
    matches: /^(?:ExpiredToken|RequestExpired|TokenRefreshRequired)/,
    problem: (said, place) => `the session with AWS (${place}) is over: ${said}`,
    mend: 'log in again (aws sso login), or take the role again, and repeat the command',
  },
  {
    matches:
      /^(?:UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|MissingAuthenticationToken|AuthFailure)/,
    problem: (said, place) => `AWS (${place}) does not know these credentials: ${said}`,
    mend: 'check AWS_PROFILE or AWS_ACCESS_KEY_ID, and that AWS_ENDPOINT_URL is that of their account',
  },
  {
    matches: /^(?:AccessDenied|UnauthorizedOperation|Forbidden|403$)/,
    problem: (said, place) => `AWS (${place}) refuses it: ${said}`,
    mend: 'use a role that may: docs/deploy-policy.json has what the commands of an operator need',
  },
  {
    matches: /^(?:ResourceNotFound|StateMachineDoesNotExist|NoSuchBucket)/,
    problem: (said, place) => `AWS (${place}) has no such thing: ${said}`,
    mend: 'check stage, region and account: npm run deploy makes what a stage has',
  },
  {
    matches:
      /^(?:ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|TimeoutError)|UnknownEndpoint/,
    problem: (said, place) => `AWS (${place}) cannot be reached: ${said}`,
    mend: 'check the network, the region and AWS_ENDPOINT_URL; a local cloud is started by statebag dev --bare',
  },
];

/** Undefined: the error says nothing of who asks AWS, and where. */
export function awsProblem(error: unknown): AwsProblem | undefined {
  if (!(error instanceof Error)) return undefined;
  const said = sentenceOf(error);
  const signs = [error.name, codeOf(error), said];
  const rule = RULES.find(({ matches }) => signs.some((sign) => matches.test(sign)));
  return rule && { problem: rule.problem(said, placeOf(process.env)), mend: rule.mend };
}

/** As commands print it. */
export function awsProblemText({ problem, mend }: AwsProblem): string {
  return `${problem}\n  mend: ${mend}`;
}

/** An error that stands for several, as of addresses that were all tried, says nothing itself. */
function sentenceOf(error: Error): string {
  const [first] = error instanceof AggregateError ? error.errors : [];
  const text = error.message || (first instanceof Error ? first.message : '') || error.name;
  return text.replaceAll(/\s+/g, ' ').trim();
}

function codeOf(error: Error): string {
  // Node and the SDK put it there
  const { code = '', Code = code } = error as { readonly code?: unknown; readonly Code?: unknown };
  return String(Code);
}

function placeOf({ AWS_ENDPOINT_URL: endpoint, AWS_REGION: region, AWS_DEFAULT_REGION: other }: Environment) {
  return endpoint || region || other || 'us-east-1';
}

interface Environment {
  readonly [name: string]: string | undefined;
}
