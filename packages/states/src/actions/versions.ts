import { apiErrors } from '../engine/api-errors.ts';
import { parseMachineArn } from '../engine/arns.ts';
import type { Engine } from '../engine/engine.ts';
import type { JsonActions } from '../ports/services.ts';
import type { Alias, Route, Version } from '../store/machine-store.ts';
import { machineOf, pageOf, Request, wireTime } from './request.ts';

/** Published versions of machines. */
export function versionActions(engine: Engine): JsonActions {
  return {
    async PublishStateMachineVersion(input) {
      const request = new Request(input);
      const machine = machineOf(engine, request.requiredText('stateMachineArn'));
      const wanted = request.text('revisionId');
      const revision = engine.revisions.byId(machine.revision);
      if (wanted !== undefined && wanted !== revision.uuid) {
        throw apiErrors.conflict(
          `Failed to publish the State Machine version for revision ${wanted}. The current State Machine revision is ${revision.uuid}.`,
        );
      }
      const version = engine.write(() => publish(engine, machine.arn, request.text('description') ?? null));
      return { stateMachineVersionArn: version.arn, creationDate: wireTime(version.created) };
    },
    async ListStateMachineVersions(input) {
      const request = new Request(input);
      const { arn } = machineOf(engine, request.requiredText('stateMachineArn'));
      const { items, next } = pageOf(engine.versions.versions(arn), request, ({ number }) =>
        descending(number),
      );
      return {
        stateMachineVersions: items.map((version) => ({
          stateMachineVersionArn: version.arn,
          creationDate: wireTime(version.created),
        })),
        ...next,
      };
    },
    async DeleteStateMachineVersion(input) {
      const arn = new Request(input).requiredText('stateMachineVersionArn');
      const parsed = parseMachineArn(arn);
      if (!parsed?.qualifier || !/^\d+$/.test(parsed.qualifier)) throw apiErrors.invalidArn(arn);
      refuseWhileRouted(engine, arn, parsed.arn);
      engine.write(() => engine.versions.removeVersion(arn));
      return {};
    },
  };
}

/** A name for a version whose rising order is the falling one of the numbers. */
const descending = (number: number): string => String(Number.MAX_SAFE_INTEGER - number).padStart(16, '0');

/**
 * Publishes the current revision; publishing it again gives the version that it has. Part of the journal's
 * open group.
 */
export function publish(engine: Engine, machineArn: string, description: string | null): Version {
  const machine = machineOf(engine, machineArn);
  const known = engine.versions.versionOf(machineArn, machine.revision);
  if (known) return known;
  const number = machine.next_version;
  const version = {
    arn: `${machineArn}:${number}`,
    machine: machineArn,
    number,
    revision: machine.revision,
    description,
    created: engine.clock.now(),
  };
  engine.versions.addVersion(version);
  engine.machines.save({ ...machine, next_version: number + 1 });
  return version;
}

function refuseWhileRouted(engine: Engine, version: string, machine: string): void {
  const aliases = engine.versions
    .aliases(machine)
    .filter(({ routing }) =>
      routing.some(({ stateMachineVersionArn }) => stateMachineVersionArn === version),
    );
  if (aliases.length === 0) return;
  throw apiErrors.conflict(
    `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${aliases.map(({ name }) => name).join(', ')}]`,
  );
}

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
        .filter(
          ({ routing }) =>
            version === undefined || routing.some((route) => route.stateMachineVersionArn === version),
        );
      const { items, next } = pageOf(all, request, ({ name }) => name);
      return {
        stateMachineAliases: items.map((alias) => ({
          stateMachineAliasArn: alias.arn,
          creationDate: wireTime(alias.created),
        })),
        ...next,
      };
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
    if (JSON.stringify(known.routing) === JSON.stringify(routing) && known.description === description)
      return created(known);
    throw apiErrors.conflict(
      `Failed to create alias because an alias with the same name and a different routing configuration already exists.`,
    );
  }
  const now = engine.clock.now();
  const alias = { arn, machine, name, description, routing, created: now, updated: now };
  engine.write(() => engine.versions.saveAlias(alias));
  return created(alias);
}

const created = ({ arn, created: at }: Alias): object => ({
  stateMachineAliasArn: arn,
  creationDate: wireTime(at),
});

async function update(engine: Engine, request: Request): Promise<object> {
  const alias = aliasOf(engine, request.requiredText('stateMachineAliasArn'));
  if (!request.has('description') && !request.has('routingConfiguration'))
    throw apiErrors.validation('Either the description or the routing configuration must be specified');
  const routing = request.has('routingConfiguration') ? readRouting(engine, request) : alias.routing;
  const updated = engine.clock.now();
  engine.write(() =>
    engine.versions.saveAlias({
      ...alias,
      routing,
      description: request.text('description') ?? alias.description,
      updated,
    }),
  );
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
    return {
      stateMachineVersionArn: route.requiredText('stateMachineVersionArn'),
      weight: route.integer('weight', { least: 0, most: 100 }) ?? 0,
    };
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
    throw apiErrors.validation(
      `Sum of routing configuration weights must equal 100. Received: [${weights.join(', ')}]`,
    );
  }
  refuseOtherThanVersions(
    engine,
    routes.map(({ stateMachineVersionArn }) => stateMachineVersionArn),
  );
  return routes;
}

/** @throws where an ARN is none, names no version, or the versions are of two machines */
function refuseOtherThanVersions(engine: Engine, arns: readonly string[]): void {
  const named = arns.map((arn) => ({ arn, parsed: parseMachineArn(arn) }));
  if (named.some(({ parsed }) => parsed && !/^\d+$/.test(parsed.qualifier ?? '')))
    throw apiErrors.validation(
      `Routing configuration must contain state machine version ARNs. Received: [${arns.join(', ')}]`,
    );
  if (new Set(named.map(({ parsed }) => parsed?.arn)).size > 1)
    throw apiErrors.validation('Routing configuration must contain versions of the same state machine.');
  for (const { arn, parsed } of named) {
    if (!parsed) throw apiErrors.invalidArn(arn);
    if (!engine.versions.version(arn)) throw apiErrors.noResource(arn);
  }
}
