import { isMapping, type Mapping, type Plain } from '../document.ts';
import { invalid } from '../errors.ts';
import { routeOf } from './apis.ts';
import { trust } from './roles.ts';
import {
  type Generated,
  present,
  type Started,
  type StartingEvent,
  type Wiring,
} from './serverless-resource.ts';

type Wire = (event: StartingEvent, started: Started) => Generated;

const BY_RULE: Readonly<Record<string, Wire>> = {
  Schedule: ({ name, properties }, started) =>
    rule({ name, properties }, started, { ScheduleExpression: properties['Schedule'] }),
  ScheduleV2: ({ name, properties }, started) =>
    rule({ name, properties }, started, { ScheduleExpression: properties['ScheduleExpression'] }),
  EventBridgeRule: pattern,
  CloudWatchEvent: pattern,
  SQS: queue,
};

/** What the events of a function or a machine come to. */
export function expandEvents(events: Plain | undefined, started: Started): Wiring {
  const all = Object.entries(isMapping(events) ? events : {}).map(([name, event]) =>
    expandEvent(name, event, started),
  );
  return {
    resources: Object.assign({}, ...all.map(({ resources }) => resources)),
    routesOf: all.flatMap(({ routesOf }) => routesOf),
  };
}

function expandEvent(name: string, event: Plain, started: Started): Wiring {
  const { Type: type = '', Properties: given = {} }: Mapping = isMapping(event) ? event : {};
  const properties = isMapping(given) ? given : {};
  if (type === 'Api' || type === 'HttpApi') return routeOf(type, { name, properties }, started);
  const wire = BY_RULE[String(type)];
  if (wire === undefined || (type === 'SQS' && started.kind === 'machine'))
    throw invalid(`${started.id}: ${name} is an event of type ${type}, which the local cloud does not have`);
  return { resources: wire({ name, properties }, started), routesOf: [] };
}

function pattern({ name, properties }: StartingEvent, started: Started): Generated {
  return rule({ name, properties }, started, {
    EventPattern: properties['Pattern'],
    EventBusName: properties['EventBusName'],
  });
}

/** A rule with its one target, and what lets it start that. */
function rule(
  { name, properties }: StartingEvent,
  started: Started,
  what: Record<string, Plain | undefined>,
) {
  const id = `${started.id}${name}`;
  const off = properties['Enabled'] === false || properties['State'] === 'DISABLED';
  const target = isMapping(properties['Target']) ? properties['Target'] : {};
  const made = {
    Type: 'AWS::Events::Rule',
    Properties: present({
      ...what,
      Name: properties['Name'] ?? properties['RuleName'],
      Description: properties['Description'],
      State: off ? 'DISABLED' : 'ENABLED',
      Targets: [
        present({
          Id: target['Id'] ?? `${id}${started.kind === 'function' ? 'LambdaTarget' : 'StepFunctionsTarget'}`,
          Arn: started.arn,
          Input: properties['Input'],
          InputPath: properties['InputPath'],
          InputTransformer: properties['InputTransformer'],
          RoleArn: started.kind === 'machine' ? { 'Fn::GetAtt': [`${id}Role`, 'Arn'] } : undefined,
        }),
      ],
    }),
  };
  return { [id]: made, ...mayStart(id, started) };
}

function mayStart(id: string, { kind, arn }: Started): Generated {
  return kind === 'machine'
    ? {
        [`${id}Role`]: {
          Type: 'AWS::IAM::Role',
          Properties: {
            AssumeRolePolicyDocument: trust('events.amazonaws.com'),
            Policies: [
              {
                PolicyName: `${id}Policy`,
                PolicyDocument: {
                  Statement: [{ Effect: 'Allow', Action: 'states:StartExecution', Resource: arn }],
                },
              },
            ],
          },
        },
      }
    : {
        [`${id}Permission`]: {
          Type: 'AWS::Lambda::Permission',
          Properties: {
            Action: 'lambda:InvokeFunction',
            FunctionName: arn,
            Principal: 'events.amazonaws.com',
            SourceArn: { 'Fn::GetAtt': [id, 'Arn'] },
          },
        },
      };
}

function queue({ name, properties }: StartingEvent, { id, arn }: Started): Generated {
  const { Queue: source, ...rest } = properties;
  return {
    [`${id}${name}`]: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: present({ ...rest, EventSourceArn: source, FunctionName: arn }),
    },
  };
}
