import { ApiError, type BusEntry, type EventBus, type Journal, type JsonActions } from '../ports.ts';
import { busName } from './events.ts';
import { patternMistake } from './pattern.ts';
import type { Rule, RuleStore, Target } from './rule-store.ts';
import { periodOf } from './scheduler.ts';

const MAX_ENTRIES = 10;
const MAX_ENTRY_BYTES = 1_048_576;

export interface EventActionDeps {
  readonly journal: Journal;
  readonly rules: RuleStore;
  readonly account: string;
  readonly region: string;
  readonly put: EventBus['put'];
  schedule(rule: Rule): void;
}

type Input = Record<string, unknown>;

/** EventBridge's actions over the JSON protocol. */
export function createEventActions(deps: EventActionDeps): JsonActions {
  const { journal, rules } = deps;
  const arnOf = ({ bus, name }: Rule): string => `arn:aws:events:${deps.region}:${deps.account}:rule/${bus === 'default' ? '' : `${bus}/`}${name}`;
  const describe = (rule: Rule): object => ({
    Name: rule.name,
    Arn: arnOf(rule),
    State: rule.enabled ? 'ENABLED' : 'DISABLED',
    EventBusName: rule.bus,
    ...(rule.description === undefined ? {} : { Description: rule.description }),
    ...(rule.pattern === undefined ? {} : { EventPattern: JSON.stringify(rule.pattern) }),
    ...(rule.schedule === undefined ? {} : { ScheduleExpression: rule.schedule }),
  });
  const requireRule = (input: Input, field: string): Rule => {
    const [bus, name] = [busName(text(input, 'EventBusName')), text(input, field) ?? ''];
    const rule = rules.find(bus, name);
    if (rule === undefined) throw new ApiError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus}.`);
    return rule;
  };
  return {
    PutEvents: (input) => putEvents(input, deps.put),
    PutRule: async (input) => {
      const rule = ruleOf(input);
      deps.schedule(rule);
      await journal.flush();
      return { RuleArn: arnOf(rule) };
    },
    DescribeRule: async (input) => describe(requireRule(input, 'Name')),
    ListRules: async (input) => {
      const prefix = text(input, 'NamePrefix') ?? '';
      return {
        Rules: rules
          .list(busName(text(input, 'EventBusName')))
          .filter(({ name }) => name.startsWith(prefix))
          .map(describe),
      };
    },
    DeleteRule: async (input) => {
      const [bus, name] = [busName(text(input, 'EventBusName')), text(input, 'Name') ?? ''];
      if (rules.targets({ bus, name }).length > 0) throw new ApiError('ValidationException', "Rule can't be deleted since it has targets.");
      rules.remove(bus, name);
      await journal.flush();
      return {};
    },
    PutTargets: async (input) => {
      const rule = requireRule(input, 'Rule');
      journal.write(() => list(input, 'Targets').forEach((target) => void rules.putTarget(rule, targetOf(target))));
      await journal.flush();
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    RemoveTargets: async (input) => {
      const rule = requireRule(input, 'Rule');
      const ids = Array.isArray(input['Ids']) ? input['Ids'].map(String) : [];
      journal.write(() => ids.forEach((id) => void rules.removeTarget(rule, id)));
      await journal.flush();
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    ListTargetsByRule: async (input) => ({ Targets: rules.targets(requireRule(input, 'Rule')).map(describeTarget) }),
  };
}

async function putEvents(input: Input, put: EventBus['put']): Promise<object> {
  const entries = list(input, 'Entries');
  if (entries.length === 0 || entries.length > MAX_ENTRIES) throw new ApiError('ValidationException', `a request holds 1 to ${MAX_ENTRIES} entries`);
  const checked = entries.map((entry) => ({ entry, mistake: entryMistake(entry) }));
  const accepted = await put(checked.filter(({ mistake }) => mistake === undefined).map(({ entry }) => entryOf(entry)));
  const results = checked.map(({ mistake }) => mistake ?? accepted.shift() ?? {});
  return { FailedEntryCount: checked.filter(({ mistake }) => mistake !== undefined).length, Entries: results };
}

function entryMistake(entry: Input): { readonly ErrorCode: string; readonly ErrorMessage: string } | undefined {
  const missing = ['Source', 'DetailType', 'Detail'].find((name) => !text(entry, name));
  if (missing !== undefined)
    return { ErrorCode: 'InvalidArgument', ErrorMessage: `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.` };
  if (text(entry, 'Source')?.startsWith('aws.') === true)
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  const detail = text(entry, 'Detail') ?? '';
  if (Buffer.byteLength(detail) > MAX_ENTRY_BYTES)
    return { ErrorCode: 'InvalidArgument', ErrorMessage: `Total size of the entry is over ${MAX_ENTRY_BYTES} bytes.` };
  return isObject(parseOr(detail)) ? undefined : { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
}

function entryOf(entry: Input): BusEntry {
  const [bus, time] = [text(entry, 'EventBusName'), entry['Time']];
  return {
    Source: text(entry, 'Source') ?? '',
    DetailType: text(entry, 'DetailType') ?? '',
    Detail: text(entry, 'Detail') ?? '{}',
    Resources: Array.isArray(entry['Resources']) ? entry['Resources'].map(String) : [],
    ...(bus === undefined ? {} : { EventBusName: bus }),
    ...(typeof time === 'number' ? { Time: time * 1000 } : {}),
  };
}

function ruleOf(input: Input): Rule {
  const [name, patternText, schedule, description] = [
    text(input, 'Name'),
    text(input, 'EventPattern'),
    text(input, 'ScheduleExpression'),
    text(input, 'Description'),
  ];
  if (name === undefined || !/^[.\-_A-Za-z0-9]{1,64}$/.test(name)) throw new ApiError('ValidationException', `'${name}' is not a rule name`);
  if (patternText === undefined && schedule === undefined)
    throw new ApiError('ValidationException', 'Parameter(s) EventPattern or ScheduleExpression must be specified.');
  if (schedule !== undefined) periodOf(schedule);
  const base = { bus: busName(text(input, 'EventBusName')), name, enabled: text(input, 'State') !== 'DISABLED' };
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
  if (mistake !== undefined || !isObject(pattern)) throw new ApiError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${mistake}`);
  return pattern;
}

function targetOf(input: Input): Target {
  const [id, arn, fixed, path] = [text(input, 'Id'), text(input, 'Arn'), text(input, 'Input'), text(input, 'InputPath')];
  if (id === undefined || arn === undefined || !/^arn:aws[\w-]*:(lambda|states):/.test(arn)) {
    throw new ApiError('ValidationException', `the local cloud delivers to functions and state machines, not to ${arn}`);
  }
  const transformer = input['InputTransformer'];
  const paths = isObject(transformer) && isObject(transformer['InputPathsMap']) ? transformer['InputPathsMap'] : {};
  return {
    id,
    arn,
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

function describeTarget({ id, arn, input, inputPath, inputTransformer }: Target): object {
  return {
    Id: id,
    Arn: arn,
    ...(input === undefined ? {} : { Input: input }),
    ...(inputPath === undefined ? {} : { InputPath: inputPath }),
    ...(inputTransformer === undefined ? {} : { InputTransformer: { InputPathsMap: inputTransformer.paths, InputTemplate: inputTransformer.template } }),
  };
}

function parseOr(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // Not JSON: the callers refuse undefined as they refuse any other shape.
    return undefined;
  }
}

function text(input: Input, name: string): string | undefined {
  const value = input[name];
  return typeof value === 'string' ? value : undefined;
}

function list(input: Input, name: string): Input[] {
  const value = input[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
