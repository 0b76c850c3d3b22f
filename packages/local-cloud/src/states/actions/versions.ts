import type { JsonActions } from '../../ports.ts';
import { apiErrors } from '../api-errors.ts';
import { parseMachineArn } from '../run/arns.ts';
import type { Engine } from '../run/engine.ts';
import type { Version } from '../store/version-store.ts';
import { machineOf } from './machines.ts';
import { pageOf, readPage } from './paging.ts';
import { Request, wireTime } from './request.ts';

/** Published versions of machines. */
export function versionActions(engine: Engine): JsonActions {
  return {
    async PublishStateMachineVersion(input) {
      const request = new Request(input);
      const machine = machineOf(engine, request.requiredText('stateMachineArn'));
      const wanted = request.text('revisionId');
      const revision = engine.revisions.byId(machine.revision);
      if (wanted !== undefined && wanted !== revision.uuid) {
        throw apiErrors.conflict(`Failed to publish the State Machine version for revision ${wanted}. The current State Machine revision is ${revision.uuid}.`);
      }
      const version = engine.write(() => publish(engine, machine.arn, request.text('description') ?? null));
      return { stateMachineVersionArn: version.arn, creationDate: wireTime(version.created) };
    },
    async ListStateMachineVersions(input) {
      const request = new Request(input);
      const { arn } = machineOf(engine, request.requiredText('stateMachineArn'));
      const { items, next } = pageOf(engine.versions.versions(arn), readPage(request));
      return { stateMachineVersions: items.map((version) => ({ stateMachineVersionArn: version.arn, creationDate: wireTime(version.created) })), ...next };
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

/** Publishes the current revision; publishing it again gives the version that it has. Part of the journal's open group. */
export function publish(engine: Engine, machineArn: string, description: string | null): Version {
  const machine = machineOf(engine, machineArn);
  const known = engine.versions.versionOf(machineArn, machine.revision);
  if (known) return known;
  const number = machine.next_version;
  const version = { arn: `${machineArn}:${number}`, machine: machineArn, number, revision: machine.revision, description, created: engine.clock.now() };
  engine.versions.addVersion(version);
  engine.machines.save({ ...machine, next_version: number + 1 });
  return version;
}

function refuseWhileRouted(engine: Engine, version: string, machine: string): void {
  const aliases = engine.versions.aliases(machine).filter(({ routing }) => routing.some(({ stateMachineVersionArn }) => stateMachineVersionArn === version));
  if (aliases.length === 0) return;
  throw apiErrors.conflict(
    `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${aliases.map(({ name }) => name).join(', ')}]`,
  );
}
