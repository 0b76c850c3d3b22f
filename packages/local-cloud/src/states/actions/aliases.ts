import type { JsonActions } from '../../ports.ts';
import { apiErrors } from '../api-errors.ts';
import { parseMachineArn } from '../run/arns.ts';
import type { Engine } from '../run/engine.ts';
import type { Alias, Route } from '../store/version-store.ts';
import { machineOf } from './machines.ts';
import { pageOf, readPage } from './paging.ts';
import { Request, wireTime } from './request.ts';

/** Aliases: names that send executions to one version, or to two by weight. */
export function aliasActions(engine: Engine): JsonActions {
  return {
    CreateStateMachineAlias: (input) => create(engine, new Request(input)),
    UpdateStateMachineAlias: (input) => update(engine, new Request(input)),
    async DescribeStateMachineAlias(input) {
      const alias = aliasOf(engine, new Request(input).requiredText('stateMachineAliasArn'));
      return {
        stateMachineAliasArn: alias.arn,
        name: alias.name,
        description: alias.description ?? undefined,
        routingConfiguration: alias.routing,
        creationDate: wireTime(alias.created),
        updateDate: wireTime(alias.updated),
      };
    },
    async ListStateMachineAliases(input) {
      const request = new Request(input);
      const parsed = parseMachineArn(request.requiredText('stateMachineArn'));
      const { arn } = machineOf(engine, parsed?.arn ?? '');
      const version = parsed?.qualifier === undefined ? undefined : `${parsed.arn}:${parsed.qualifier}`;
      const all = engine.versions
        .aliases(arn)
        .filter(({ routing }) => version === undefined || routing.some((route) => route.stateMachineVersionArn === version));
      const { items, next } = pageOf(all, readPage(request));
      return { stateMachineAliases: items.map((alias) => ({ stateMachineAliasArn: alias.arn, creationDate: wireTime(alias.created) })), ...next };
    },
    async DeleteStateMachineAlias(input) {
      const arn = new Request(input).requiredText('stateMachineAliasArn');
      if (!parseMachineArn(arn)?.qualifier) throw apiErrors.invalidArn(arn);
      engine.write(() => engine.versions.removeAlias(arn));
      return {};
    },
  };
}

async function create(engine: Engine, request: Request): Promise<object> {
  const name = request.requiredText('name');
  if (!/^(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]{1,80}$/.test(name)) {
    throw apiErrors.validation(
      `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$`,
    );
  }
  const routing = readRouting(engine, request);
  const [first] = routing;
  const machine = parseMachineArn(first?.stateMachineVersionArn ?? '')?.arn ?? '';
  const arn = `${machine}:${name}`;
  const description = request.text('description') ?? null;
  const known = engine.versions.alias(arn);
  if (known) {
    if (JSON.stringify(known.routing) === JSON.stringify(routing) && known.description === description) return created(known);
    throw apiErrors.conflict(`Failed to create alias because an alias with the same name and a different routing configuration already exists.`);
  }
  const now = engine.clock.now();
  const alias = { arn, machine, name, description, routing, created: now, updated: now };
  engine.write(() => engine.versions.saveAlias(alias));
  return created(alias);
}

const created = ({ arn, created: at }: Alias): object => ({ stateMachineAliasArn: arn, creationDate: wireTime(at) });

async function update(engine: Engine, request: Request): Promise<object> {
  const alias = aliasOf(engine, request.requiredText('stateMachineAliasArn'));
  if (!request.has('description') && !request.has('routingConfiguration'))
    throw apiErrors.validation('Either the description or the routing configuration must be specified');
  const routing = request.has('routingConfiguration') ? readRouting(engine, request) : alias.routing;
  const updated = engine.clock.now();
  engine.write(() => engine.versions.saveAlias({ ...alias, routing, description: request.text('description') ?? alias.description, updated }));
  return { updateDate: wireTime(updated) };
}

function aliasOf(engine: Engine, arn: string): Alias {
  if (!parseMachineArn(arn)?.qualifier) throw apiErrors.invalidArn(arn);
  const alias = engine.versions.alias(arn);
  if (!alias) throw apiErrors.noResource(arn);
  return alias;
}

/** One or two distinct versions of one machine, with weights that make 100. */
function readRouting(engine: Engine, request: Request): readonly Route[] {
  const routes = request.list('routingConfiguration').map((entry) => {
    const route = new Request({ ...(typeof entry === 'object' ? entry : {}) });
    return { stateMachineVersionArn: route.requiredText('stateMachineVersionArn'), weight: route.integer('weight', { least: 0, most: 100 }) ?? 0 };
  });
  const [first, second] = routes;
  if (!first || routes.length > 2) {
    throw apiErrors.validation(
      `1 validation error detected: Value at 'routingConfiguration' failed to satisfy constraint: Member must have length between 1 and 2`,
    );
  }
  if (second && first.stateMachineVersionArn === second.stateMachineVersionArn)
    throw apiErrors.validation('Routing configuration must contain distinct state machine version ARNs.');
  const weights = routes.map(({ weight }) => weight);
  if (weights.reduce((total, weight) => total + weight, 0) !== 100) {
    throw apiErrors.validation(`Sum of routing configuration weights must equal 100. Received: [${weights.join(', ')}]`);
  }
  const machines = new Set(routes.map(({ stateMachineVersionArn }) => parseMachineArn(stateMachineVersionArn)?.arn));
  if (machines.size > 1) throw apiErrors.validation('Routing configuration must contain versions of the same state machine.');
  for (const { stateMachineVersionArn } of routes) {
    if (!parseMachineArn(stateMachineVersionArn)?.qualifier) throw apiErrors.invalidArn(stateMachineVersionArn);
    if (!engine.versions.version(stateMachineVersionArn)) throw apiErrors.noResource(stateMachineVersionArn);
  }
  return routes;
}
