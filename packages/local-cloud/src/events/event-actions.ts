import { ApiError, type BusEntry, type EventBus, type Journal, type JsonActions } from '@statebag/states';
import {
  describeRule,
  describeTarget,
  type Input,
  isObject,
  list,
  parseOr,
  ruleArn,
  ruleOf,
  targetOf,
  text,
} from './rule-shapes.ts';
import { busName, type Rule, type RuleStore } from './rule-store.ts';

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

/** EventBridge's actions over the JSON protocol. */
export function createEventActions(deps: EventActionDeps): JsonActions {
  return { PutEvents: (input) => putEvents(input, deps), ...ruleActions(deps), ...targetActions(deps) };
}

function ruleActions(deps: EventActionDeps): JsonActions {
  const { journal, rules } = deps;
  return {
    PutRule: async (input) => {
      const rule = ruleOf(input);
      deps.schedule(rule);
      await journal.flush();
      return { RuleArn: ruleArn(rule, deps) };
    },
    DescribeRule: async (input) => describeRule(requireRule(input, input['Name'], rules), deps),
    ListRules: async (input) => {
      const prefix = text(input, 'NamePrefix') ?? '';
      const named = rules
        .list(busName(text(input, 'EventBusName')))
        .filter(({ name }) => name.startsWith(prefix));
      return { Rules: named.map((rule) => describeRule(rule, deps)) };
    },
    DeleteRule: async (input) => {
      const [bus, name] = [busName(text(input, 'EventBusName')), text(input, 'Name') ?? ''];
      if (rules.targets({ bus, name }).length > 0)
        throw new ApiError('ValidationException', "Rule can't be deleted since it has targets.");
      rules.remove(bus, name);
      await journal.flush();
      return {};
    },
  };
}

function targetActions({ journal, rules }: EventActionDeps): JsonActions {
  return {
    PutTargets: async (input) => {
      const rule = requireRule(input, input['Rule'], rules);
      const targets = list(input, 'Targets').map(targetOf);
      journal.write(() => targets.forEach((target) => void rules.putTarget(rule, target)));
      await journal.flush();
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    RemoveTargets: async (input) => {
      const rule = requireRule(input, input['Rule'], rules);
      const ids = Array.isArray(input['Ids']) ? input['Ids'].map(String) : [];
      journal.write(() => ids.forEach((id) => void rules.removeTarget(rule, id)));
      await journal.flush();
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    ListTargetsByRule: async (input) => ({
      Targets: rules.targets(requireRule(input, input['Rule'], rules)).map(describeTarget),
    }),
  };
}

function requireRule(input: Input, name: unknown, rules: RuleStore): Rule {
  const bus = busName(text(input, 'EventBusName'));
  const rule = rules.find(bus, String(name));
  if (rule === undefined)
    throw new ApiError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus}.`);
  return rule;
}

async function putEvents(
  input: Input,
  { put, journal }: Pick<EventActionDeps, 'put' | 'journal'>,
): Promise<object> {
  const entries = list(input, 'Entries');
  if (entries.length === 0 || entries.length > MAX_ENTRIES)
    throw new ApiError('ValidationException', `a request holds 1 to ${MAX_ENTRIES} entries`);
  const checked = entries.map((entry) => ({ entry, mistake: entryMistake(entry) }));
  const accepted = await put(
    checked.filter(({ mistake }) => mistake === undefined).map(({ entry }) => entryOf(entry)),
  );
  await journal.flush();
  const results = checked.map(({ mistake }) => mistake ?? accepted.shift() ?? {});
  return {
    FailedEntryCount: checked.filter(({ mistake }) => mistake !== undefined).length,
    Entries: results,
  };
}

function entryMistake(
  entry: Input,
): { readonly ErrorCode: string; readonly ErrorMessage: string } | undefined {
  const missing = ['Source', 'DetailType', 'Detail'].find((name) => !text(entry, name));
  if (missing !== undefined)
    return {
      ErrorCode: 'InvalidArgument',
      ErrorMessage: `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`,
    };
  if (text(entry, 'Source')?.startsWith('aws.') === true)
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  const detail = text(entry, 'Detail') ?? '';
  if (Buffer.byteLength(detail) > MAX_ENTRY_BYTES)
    return {
      ErrorCode: 'InvalidArgument',
      ErrorMessage: `Total size of the entry is over ${MAX_ENTRY_BYTES} bytes.`,
    };
  return isObject(parseOr(detail))
    ? undefined
    : { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
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
