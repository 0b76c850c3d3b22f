import { members, ofType, type Template } from './template.ts';

/**
 * What must hold of an HTTP API: whoever calls it is known, what is asked is logged and bounded, and an alarm watches
 * its answers.
 */
export function apiProblems(template: Template): string[] {
  const stages = ofType(template, 'AWS::ApiGatewayV2::Stage');
  const isWatched = ofType(template, 'AWS::CloudWatch::Alarm').some(
    ({ Properties }) => Properties?.['Namespace'] === 'AWS/ApiGateway',
  );
  return [
    ...ofType(template, 'AWS::ApiGatewayV2::Route')
      .filter(({ Properties }) => !KNOWN_CALLERS.includes(String(Properties?.['AuthorizationType'])))
      .map(({ id }) => `${id} lets in everybody`),
    ...stages.flatMap(({ id, Properties = {} }) => stageProblems(id, Properties)),
    ...(isWatched ? [] : stages.map(({ id }) => `${id} is watched by no alarm`)),
  ];
}

const KNOWN_CALLERS = ['JWT', 'AWS_IAM'];

function stageProblems(id: string, properties: Readonly<Record<string, unknown>>): string[] {
  const { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst } = members(
    properties['DefaultRouteSettings'],
  );
  return [
    ...(members(properties['AccessLogSettings'])['DestinationArn'] === undefined
      ? [`${id} logs no requests`]
      : []),
    ...(rate === undefined || burst === undefined ? [`${id} takes any number of requests`] : []),
  ];
}
