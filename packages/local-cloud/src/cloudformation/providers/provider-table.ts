import type { Provider } from '../provider.ts';
import type { ResourceType } from '../resource-types.ts';
import { httpApi, httpApiAuthorizer, httpApiIntegration, httpApiRoute, httpApiStage } from './api-gateway.ts';
import { alarm, dashboard } from './cloudwatch.ts';
import { table } from './dynamodb.ts';
import { rule } from './events.ts';
import { iamManagedPolicy, iamPolicy, iamRole } from './iam.ts';
import {
  eventInvokeConfig,
  eventSourceMapping,
  lambdaAlias,
  lambdaFunction,
  lambdaPermission,
  lambdaVersion,
} from './lambda.ts';
import { logGroup } from './logs.ts';
import { bucket, bucketPolicy } from './s3.ts';
import { topic } from './sns.ts';
import { queue, queuePolicy } from './sqs.ts';
import { parameter } from './ssm.ts';
import { activity, stateMachine, stateMachineAlias, stateMachineVersion } from './step-functions.ts';

/** Who makes resources of each type. */
export const PROVIDERS: Readonly<Record<ResourceType, Provider>> = {
  'AWS::ApiGatewayV2::Api': httpApi,
  'AWS::ApiGatewayV2::Authorizer': httpApiAuthorizer,
  'AWS::ApiGatewayV2::Integration': httpApiIntegration,
  'AWS::ApiGatewayV2::Route': httpApiRoute,
  'AWS::ApiGatewayV2::Stage': httpApiStage,
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::CloudWatch::Dashboard': dashboard,
  'AWS::DynamoDB::Table': table,
  'AWS::Events::Rule': rule,
  'AWS::IAM::ManagedPolicy': iamManagedPolicy,
  'AWS::IAM::Policy': iamPolicy,
  'AWS::IAM::Role': iamRole,
  'AWS::Lambda::Alias': lambdaAlias,
  'AWS::Lambda::EventInvokeConfig': eventInvokeConfig,
  'AWS::Lambda::EventSourceMapping': eventSourceMapping,
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::Permission': lambdaPermission,
  'AWS::Lambda::Version': lambdaVersion,
  'AWS::Logs::LogGroup': logGroup,
  'AWS::S3::Bucket': bucket,
  'AWS::S3::BucketPolicy': bucketPolicy,
  'AWS::SNS::Topic': topic,
  'AWS::SQS::Queue': queue,
  'AWS::SQS::QueuePolicy': queuePolicy,
  'AWS::SSM::Parameter': parameter,
  'AWS::StepFunctions::Activity': activity,
  'AWS::StepFunctions::StateMachine': stateMachine,
  'AWS::StepFunctions::StateMachineAlias': stateMachineAlias,
  'AWS::StepFunctions::StateMachineVersion': stateMachineVersion,
};
