import { isObject, type Json, parseJson } from '../language/json.ts';
import type { Integration, Pattern } from '../program/task-target.ts';

/** How an API's errors begin, where that is not its name with a capital. */
const ERROR_PREFIXES: Readonly<Record<string, string>> = {
  dynamodb: 'DynamoDb',
  eventbridge: 'EventBridge',
  cloudwatchlogs: 'CloudWatchLogs',
  bedrockruntime: 'BedrockRuntime',
  bedrockagent: 'BedrockAgent',
  bedrockagentruntime: 'BedrockAgentRuntime',
  secretsmanager: 'SecretsManager',
  apigateway: 'ApiGateway',
  apigatewayv2: 'ApiGatewayV2',
  cloudformation: 'CloudFormation',
  cloudfront: 'CloudFront',
  cloudwatch: 'CloudWatch',
  codebuild: 'CodeBuild',
  cognitoidentityprovider: 'CognitoIdentityProvider',
  elasticache: 'ElastiCache',
  opensearch: 'OpenSearch',
  rdsdata: 'RdsData',
  redshiftdata: 'RedshiftData',
  sagemaker: 'SageMaker',
  sagemakerruntime: 'SageMakerRuntime',
  sesv2: 'SesV2',
};

const PATTERNS: readonly Pattern[] = ['request', 'callback'];

/**
 * `arn:aws:states:::aws-sdk:<service>:<action>`: any API, with its parameters as the SDKs for Java name them.
 */
export function sdkCall(service: string, action: string): Integration {
  const prefix = ERROR_PREFIXES[service] ?? `${service.charAt(0).toUpperCase()}${service.slice(1)}`;
  return {
    errors: { prefix, service: prefix, base: `${prefix}Exception`, style: 'sdk' },
    patterns: PATTERNS,
    api: { service: `aws-sdk:${service}`, action },
    call: callApi(`aws-sdk:${service}`, action),
  };
}

/** An optimised integration that the engine knows no more of than its name. */
export function foreignCall(service: string, action: string): Integration {
  const prefix = `${service.charAt(0).toUpperCase()}${service.slice(1)}`;
  return {
    errors: { prefix, service: `Amazon${prefix}`, base: `Amazon${prefix}Exception` },
    patterns: PATTERNS,
    api: { service, action },
    call: callApi(service, action),
  };
}

function callApi(service: string, action: string): Integration['call'] {
  return async ({ host, parameters }) => {
    const release = host.clock.hold();
    try {
      const answer = await host.apis.call(service, action, isObject(parameters) ? parameters : {});
      const value: Json = parseJson(JSON.stringify(answer ?? {}));
      return value;
    } finally {
      release();
    }
  };
}
