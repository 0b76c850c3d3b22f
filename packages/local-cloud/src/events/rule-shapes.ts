import { ApiError } from '@statebag/states';
import { patternMistake } from './pattern.ts';
import { busName, type Rule, type Target } from './rule-store.ts';
import { periodOf } from './scheduler.ts';

/** The ARN of a rule. */
export function ruleArn(
  { bus, name }: Pick<Rule, 'bus' | 'name'>,
  { account, region }: { readonly account: string; readonly region: string },
): string {
  return `arn:aws:events:${region}:${account}:rule/${bus === 'default' ? '' : `${bus}/`}${name}`;
}

/** A rule as DescribeRule shows it. */
export function describeRule(
  rule: Rule,
  place: { readonly account: string; readonly region: string },
): object {
  return {
    Name: rule.name,
    Arn: ruleArn(rule, place),
    State: rule.enabled ? 'ENABLED' : 'DISABLED',
    EventBusName: rule.bus,
    ...(rule.description === undefined ? {} : { Description: rule.description }),
    ...(rule.pattern === undefined ? {} : { EventPattern: JSON.stringify(rule.pattern) }),
    ...(rule.schedule === undefined ? {} : { ScheduleExpression: rule.schedule }),
  };
}

/** A rule as PutRule names it. */
export function ruleOf(input: Input): Rule {
  const [name, patternText, schedule, description] = [
    text(input, 'Name'),
    text(input, 'EventPattern'),
    text(input, 'ScheduleExpression'),
    text(input, 'Description'),
  ];
  if (name === undefined || !/^[.\-_A-Za-z0-9]{1,64}$/.test(name))
    throw new ApiError('ValidationException', `'${name}' is not a rule name`);
  if (patternText === undefined && schedule === undefined)
    throw new ApiError(
      'ValidationException',
      'Parameter(s) EventPattern or ScheduleExpression must be specified.',
    );
  if (schedule !== undefined) periodOf(schedule);
  const base = {
    bus: busName(text(input, 'EventBusName')),
    name,
    enabled: text(input, 'State') !== 'DISABLED',
  };
  return {
    ...base,
    ...(description === undefined ? {} : { description }),
    ...(patternText === undefined ? {} : { pattern: parsePattern(patternText) }),
    ...(schedule === undefined ? {} : { schedule }),
  };
}

function parsePattern(patternText: string): Record<string, unknown> {
  const pattern = parseOr(patternText);
  const mistake = patternMistake(pattern);
  if (mistake !== undefined || !isObject(pattern))
    throw new ApiError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${mistake}`);
  return pattern;
}

/** A target as PutTargets names it. */
export function targetOf(input: Input): Target {
  const [id, arn, fixed, path] = [
    text(input, 'Id'),
    text(input, 'Arn'),
    text(input, 'Input'),
    text(input, 'InputPath'),
  ];
  if (id === undefined || arn === undefined || !/^arn:aws[\w-]*:(lambda|states):/.test(arn)) {
    throw new ApiError(
      'ValidationException',
      `the local cloud delivers to functions and state machines, not to ${arn}`,
    );
  }
  const roleArn = text(input, 'RoleArn');
  const transformer = input['InputTransformer'];
  const paths =
    isObject(transformer) && isObject(transformer['InputPathsMap']) ? transformer['InputPathsMap'] : {};
  return {
    id,
    arn,
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(fixed === undefined ? {} : { input: fixed }),
    ...(path === undefined ? {} : { inputPath: path }),
    ...(isObject(transformer)
      ? {
          inputTransformer: {
            template: text(transformer, 'InputTemplate') ?? '',
            paths: Object.fromEntries(Object.entries(paths).map(([name, value]) => [name, String(value)])),
          },
        }
      : {}),
  };
}

/** A target as ListTargetsByRule shows it. */
export function describeTarget({ id, arn, roleArn, input, inputPath, inputTransformer }: Target): object {
  return {
    Id: id,
    Arn: arn,
    ...(roleArn === undefined ? {} : { RoleArn: roleArn }),
    ...(input === undefined ? {} : { Input: input }),
    ...(inputPath === undefined ? {} : { InputPath: inputPath }),
    ...(inputTransformer === undefined
      ? {}
      : {
          InputTransformer: {
            InputPathsMap: inputTransformer.paths,
            InputTemplate: inputTransformer.template,
          },
        }),
  };
}

/** A request's parameters as they came. */
export type Input = Record<string, unknown>;

/**
 * The value of a text, or undefined where it is not JSON: callers refuse that as they refuse any other shape.
 */
export function parseOr(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** A parameter that is a text. */
export function text(input: Input, name: string): string | undefined {
  const value = input[name];
  return typeof value === 'string' ? value : undefined;
}

/** A parameter that is a list of objects; empty where it is none. */
export function list(input: Input, name: string): Input[] {
  const value = input[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function isObject(value: unknown): value is Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
