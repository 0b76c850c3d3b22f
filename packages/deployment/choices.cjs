// Everything a deployment can choose, and what it is for. What one service tells another (ARNs of functions
// and machines) is not among it: serverless-compose.yml passes it on.
module.exports = {
  stateBucket:
    'Name of the bucket of all state. Names are shared by all of AWS: in the default, `account` and `region` stand for those it is deployed to.',
  createBucket:
    '`false` uses a bucket that is there already; what it must have: [the bucket](deployment.md#a-bucket-of-your-own).',
  kmsKeyArn: 'A customer key for the bucket; empty uses the key of S3.',
  runsTable: 'Name of the table of runs, approvals and leases.',
  runsExpireAfterDays:
    'What a run wrote is deleted after so many days. Refused where that is less than a run may take (30), be redriven (14) and be kept.',
  runsKeptDays: 'For so many days a finished run stays readable at least.',
  stateThresholds: 'When values leave the bag: a JSON object of thresholds by name, in bytes.',
  functionsAtOnce:
    'So many branches of a run, or workers of a list, work at the same time at most, whatever its workflow says. Empty: seven in ten of what Lambda lets work in the account, asked at each deployment.',
  reservedConcurrency:
    'Places among the functions of the account that functions have to themselves, as a JSON object of numbers by name: `{"executeSegment": 50}`. [How to choose](scale.md#places-of-their-own).',
  segmentMemory:
    'Memory of the function that runs segments, in MB: [what less costs and does](cost-model.md#how-much-memory).',
  logRetentionDays: 'Days that logs are kept; one of the values CloudWatch knows.',
  mockMode: '`true` answers every model call by the mock. The stage `prod` refuses it.',
  llmProviders:
    'Providers by the name workflows use, with the names of the SSM parameters that hold their keys, as JSON: [providers.md](providers.md).',
  llmBaseUrl: 'Short form: the address of one OpenAI-compatible service.',
  llmApiKeyParameter: 'Short form: the SSM parameter with its key.',
  modelPrices:
    'Prices of models in the place of [those of the list](prices.md), and beside them: a JSON object of `{ "input", "output" }` in dollars a million tokens, by how the names of models begin.',
  ownerDayLimit:
    'What all runs of one owner may spend on models on one day (UTC): a JSON object with `max_cost_usd`, `max_tokens` or both. A call that does not fit is not made: `Run.CostExceeded`.',
  bedrockModelArn: 'Models that the provider `bedrock` may ask; the default matches none.',
  httpAllowedHosts: 'Hosts that `api_call` may reach although their address lies inside.',
  causesShowValues:
    '`true` shows in causes of failed expressions the values that they met. Causes stand in histories and in the records of runs, which more people read than the state.',
  ownNodes:
    'The folder with [node types of your own](own-nodes.md); given as STATEBAG_OWN_NODES, so that packaging puts them into the functions.',
  lambdaNodeArn: 'Functions that `lambda` nodes may call; the default matches none.',
  eventBusName: 'The bus that lifecycle events go to.',
  jwtIssuer:
    'Who issues the tokens the API accepts; it must answer when the API is deployed. Empty: the API takes requests signed by principals of the account that may `execute-api:Invoke`.',
  jwtAudience: 'For whom they must be issued.',
  ownerClaim: 'The claim that names the owner of runs; empty: issuer and subject do.',
  largeOwners:
    'Owners that begin more than 300 runs a second, separated by commas: their lists are spread over 16 partitions of the index, so each page takes 17 queries. A name is left in it for 90 days after the owner has become small: [scale.md](scale.md#what-is-spread-over-partitions).',
  rolloutAtFirst:
    'Percent of runs that begin on v3 until somebody says otherwise; `0` for a team that runs the first generation: [rollout.md](rollout.md).',
  legacyReadPrefixes:
    'Where pointers of the first generation lead, with `{execution_id}` as a part of its own.',
  legacyReadArn: 'The same for the roles.',
  deploymentType: 'How new definitions take over: `CANARY`, `LINEAR` or `ALL_AT_ONCE`.',
  canaryPercentage: 'The share of new runs that begin on the new version first.',
  canaryMinutes: 'For so long, before all of them do.',
  alarmTopicArn: 'An SNS topic that alarms are sent to; empty sends nothing.',
  alarmEmail:
    'Without a topic: an address that alarms are sent to, through a topic of the stage’s own. SNS asks it once whether it agrees.',
  alarmCanaryPercent:
    'Percent points that more calls fail on a new version than on the one before: [canary-worse](alarms/canary-worse.md).',
  alarmApiErrors: 'Answers with 5xx in 5 minutes: [api-failed](alarms/api-failed.md).',
  apiRatePerSecond: 'Requests a second that the API takes; more are answered with 429.',
  apiBurst: 'Requests that it takes at once.',
  allowedOrigins:
    'Pages that may call the API and upload to the bucket from a browser: their origins, separated by commas. Empty: none.',
  bucketVersioning: '`true` keeps what is overwritten in or deleted from the bucket for seven days.',
  deletionProtection: '`true` refuses to delete the table, until it is `false` again.',
  alarmFailedRuns: 'Failed runs in 5 minutes: [runs-failed](alarms/runs-failed.md).',
  alarmTimedOutRuns: 'Timed out runs in 5 minutes: [runs-timed-out](alarms/runs-timed-out.md).',
  alarmThrottles:
    'States or invocations held back in 5 minutes: [machines-throttled](alarms/machines-throttled.md), [functions-throttled](alarms/functions-throttled.md).',
  alarmFunctionErrors:
    'Invocations with errors in 5 minutes: [functions-failed](alarms/functions-failed.md).',
  alarmBagsNearBudget: 'Bags above 75 % of their budget in 15 minutes: [budget-near](alarms/budget-near.md).',
  alarmStoreErrors:
    'Steps that could not read or write state in 5 minutes: [store-errors](alarms/store-errors.md).',
  alarmLostEvents:
    'Events that no function could take in, in 5 minutes: [events-lost](alarms/events-lost.md).',
  alarmStartAgeSeconds:
    'Age of the oldest run that waits to begin: [starts-waiting](alarms/starts-waiting.md).',
  alarmApprovalAgeSeconds: 'Age of the oldest open approval: [approvals-old](alarms/approvals-old.md).',
  asyncLlmBeatMs: 'How often a worker that waits for a model beats; 20,000 if empty.',
  asyncLlmLeaseMs: 'How long its lease lasts unrenewed; 60,000 if empty.',
  asyncLlmPollMs: 'How often a second worker looks whether the first has answered; 2,000 if empty.',
};
