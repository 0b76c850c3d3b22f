import { isMapping, type Mapping, type Plain } from '../document.ts';
import { invalid } from '../errors.ts';
import {
  type Expanded,
  type Generated,
  present,
  type ServerlessResource,
  type Started,
  type StartingEvent,
  type Wiring,
} from './serverless-resource.ts';

/** The APIs that SAM makes where an event names none. */
const IMPLICIT = { Api: 'ServerlessRestApi', HttpApi: 'ServerlessHttpApi' } as const;
/** How the functions of each kind of API get their requests. */
const PAYLOADS = { Api: '1.0', HttpApi: '2.0' } as const;

type ApiKind = keyof typeof IMPLICIT;

/** A REST API is served as an HTTP API whose functions get the older form of payloads. */
export function restApi({ id, properties }: ServerlessResource): Expanded {
  const stage = properties['StageName'];
  return {
    resources: apiOf(
      id,
      properties,
      typeof stage === 'string' ? stage : 'Prod',
      `${id}${stageText(stage)}Stage`,
    ),
  };
}

export function httpApi({ id, properties }: ServerlessResource): Expanded {
  const stage = properties['StageName'];
  const stageId = stage === undefined ? `${id}ApiGatewayDefaultStage` : `${id}${stageText(stage)}Stage`;
  return { resources: apiOf(id, properties, typeof stage === 'string' ? stage : '$default', stageId) };
}

/** A stage whose name comes out of a parameter is called only Stage. */
function stageText(stage: Plain | undefined): string {
  return typeof stage === 'string' ? stage : '';
}

/** The APIs that routes are in and that the template does not have itself. */
export function implicitApis(ids: readonly string[], declared: readonly string[]): Generated {
  const wanted = new Set(ids.filter((id) => !declared.includes(id)));
  return {
    ...(wanted.has(IMPLICIT.Api) && apiOf(IMPLICIT.Api, {}, 'Prod', `${IMPLICIT.Api}ProdStage`)),
    ...(wanted.has(IMPLICIT.HttpApi) &&
      apiOf(IMPLICIT.HttpApi, {}, '$default', `${IMPLICIT.HttpApi}ApiGatewayDefaultStage`)),
  };
}

/** Sections that say what an API does; the others are about names, limits and logs. */
const MEANINGFUL = ['Auth', 'DefinitionBody', 'DefinitionUri', 'Models', 'GatewayResponses'];

function apiOf(id: string, properties: Mapping, stage: string, stageId: string): Generated {
  const refused = MEANINGFUL.find((name) => properties[name] !== undefined);
  if (refused !== undefined)
    throw invalid(`${id}: ${refused} is something that the local cloud does not make an API out of`);
  return {
    [id]: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: { Name: properties['Name'] ?? { Ref: 'AWS::StackName' }, ProtocolType: 'HTTP' },
    },
    [stageId]: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { ApiId: { Ref: id }, StageName: stage, AutoDeploy: true },
    },
  };
}

/** A route to a function, or one that starts a machine with the body of the request. */
export function routeOf(kind: ApiKind, { name, properties }: StartingEvent, started: Started): Wiring {
  const { Path: path = '/', Method: method = 'ANY', Auth: auth } = properties;
  if (isMapping(auth) && auth['Authorizer'] !== undefined && auth['Authorizer'] !== 'NONE')
    throw invalid(`${started.id}: ${name} has an Authorizer, which the local cloud does not ask for SAM`);
  const api = apiOfEvent(kind, properties);
  const id = `${started.id}${name}`;
  const isDefault = kind === 'HttpApi' && properties['Path'] === undefined;
  const resources: Generated = {
    [`${id}Integration`]: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: integrationOf(kind, started, api.ref),
    },
    [`${id}Route`]: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: api.ref,
        RouteKey: isDefault ? '$default' : `${methodOf(method)} ${path}`,
        Target: { 'Fn::Sub': `integrations/\${${id}Integration}` },
      },
    },
    ...(started.kind === 'function' && {
      [`${id}Permission${kind === 'Api' ? 'Prod' : ''}`]: permission(started, api.ref),
    }),
  };
  return { resources, routesOf: api.implicit };
}

function methodOf(method: Plain): string {
  const text = String(method).toUpperCase();
  return text === 'X-AMAZON-APIGATEWAY-ANY-METHOD' ? 'ANY' : text;
}

function apiOfEvent(kind: ApiKind, { RestApiId: rest, ApiId: http }: Mapping) {
  const given = kind === 'Api' ? rest : http;
  const ref: Plain =
    given === undefined ? { Ref: IMPLICIT[kind] } : typeof given === 'string' ? { Ref: given } : given;
  return { ref, implicit: given === undefined ? [IMPLICIT[kind]] : [] };
}

function integrationOf(kind: ApiKind, { kind: started, arn }: Started, api: Plain): Mapping {
  const shared = { ApiId: api, IntegrationType: 'AWS_PROXY' };
  if (started === 'function') return { ...shared, IntegrationUri: arn, PayloadFormatVersion: PAYLOADS[kind] };
  return present({
    ...shared,
    IntegrationSubtype: 'StepFunctions-StartExecution',
    PayloadFormatVersion: '1.0',
    RequestParameters: { StateMachineArn: arn, Input: '$request.body' },
  });
}

function permission({ arn }: Started, api: Plain): Mapping {
  const source = ['arn:aws:execute-api', { Ref: 'AWS::Region' }, { Ref: 'AWS::AccountId' }];
  return {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: arn,
      Principal: 'apigateway.amazonaws.com',
      SourceArn: { 'Fn::Join': ['', [{ 'Fn::Join': [':', source] }, ':', api, '/*']] },
    },
  };
}
