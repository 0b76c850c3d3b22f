import type { LocalCloud } from '../cloud/local-cloud.ts';
import { ruleArn } from '../iam/asked.ts';
import type { AppFunction } from './read-function.ts';
import { DeployError, isPlainObject, type Plain } from './template.ts';

type Mapping = { readonly [name: string]: Plain };

/** A rule with its one target, as a function's `events` say it. */
interface Trigger {
  readonly rule: Mapping;
  readonly target: Mapping;
}

/** Puts the rules that invoke a function and takes away those it no longer has. Gives their names. */
export async function deployTriggers(cloud: LocalCloud, fn: AppFunction): Promise<string[]> {
  const { actions, rules } = cloud.events;
  const triggers = fn.events
    .filter(isRule)
    .map((event, index) => triggerOf(event, `${fn.name}-rule-${index + 1}`));
  for (const { rule, target } of triggers) {
    const bus = rule['EventBusName'];
    await actions['PutRule']?.({ ...rule });
    await actions['PutTargets']?.({
      Rule: rule['Name'],
      EventBusName: bus,
      Targets: [{ ...target, Id: 'function', Arn: cloud.functions.arnOf(fn.name) }],
    });
    keepPermission(cloud, { rule: String(rule['Name']), bus, functionName: fn.name });
  }
  const names = triggers.map(({ rule }) => String(rule['Name']));
  const stale = rules
    .list('default')
    .filter(({ name }) => name.startsWith(`${fn.name}-rule-`) && !names.includes(name));
  for (const rule of stale) {
    rules.removeTarget(rule, 'function');
    rules.remove(rule.bus, rule.name);
  }
  return names;
}

/** A function of a template answers a rule only with a permission, which the framework makes. */
function keepPermission(
  cloud: LocalCloud,
  {
    rule,
    bus,
    functionName,
  }: { readonly rule: string; readonly bus: unknown; readonly functionName: string },
): void {
  const permission = {
    Action: 'lambda:InvokeFunction',
    FunctionName: cloud.functions.arnOf(functionName),
    Principal: 'events.amazonaws.com',
    SourceArn: ruleArn(rule, bus, cloud),
  };
  const [type, id] = ['AWS::Lambda::Permission', `${rule}-permission`] as const;
  if (JSON.stringify(cloud.kept.find(type, id)?.properties) === JSON.stringify(permission)) return;
  cloud.kept.put(type, id, permission);
}

/** Routes of an API are no rules: whoever serves the API invokes the function. */
function isRule(event: Plain): boolean {
  return !(isPlainObject(event) && 'httpApi' in event);
}

function triggerOf(event: Plain, name: string): Trigger {
  const [[kind, given] = ['', null]] = isPlainObject(event) ? Object.entries(event) : [];
  const settings: Mapping = isPlainObject(given) ? given : { rate: given };
  if (kind === 'schedule')
    return {
      rule: { ...ruleBase(settings, name), ScheduleExpression: oneOf(settings['rate']) },
      target: inputOf(settings),
    };
  if (kind === 'eventBridge') {
    const [pattern, schedule] = [settings['pattern'], settings['schedule']];
    const what: Mapping =
      pattern === undefined
        ? { ScheduleExpression: schedule ?? null }
        : { EventPattern: JSON.stringify(pattern) };
    return { rule: { ...ruleBase(settings, name), ...what }, target: inputOf(settings) };
  }
  throw new DeployError(
    `${name}: the local cloud starts functions from schedule and eventBridge events, not from ${kind}`,
  );
}

function ruleBase(settings: Mapping, name: string): Mapping {
  return {
    Name: String(settings['name'] ?? name),
    State: settings['enabled'] === false ? 'DISABLED' : 'ENABLED',
    EventBusName: settings['eventBus'] ?? 'default',
  };
}

function inputOf({ input, inputPath, inputTransformer }: Mapping): Mapping {
  const transformer: Mapping = isPlainObject(inputTransformer) ? inputTransformer : {};
  return {
    ...(input === undefined ? {} : { Input: JSON.stringify(input) }),
    ...(inputPath === undefined ? {} : { InputPath: inputPath }),
    ...(inputTransformer === undefined
      ? {}
      : {
          InputTransformer: {
            InputTemplate: transformer['inputTemplate'] ?? '',
            InputPathsMap: transformer['inputPathsMap'] ?? {},
          },
        }),
  };
}

function oneOf(value: Plain | undefined): Plain {
  return Array.isArray(value) ? (value[0] ?? null) : (value ?? null);
}
