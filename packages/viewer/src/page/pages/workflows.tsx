import { BUDGET } from '@statebag/contracts/limits';
import type { RunDefinition, RunList, RunView } from '@statebag/contracts/schemas/api';
import { Fragment, type JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { withQuery } from '../address.ts';
import { askAll } from '../ask.ts';
import { bytesText, countText, plural } from '../format.ts';
import { everyNode } from '../graph/graph.ts';
import { graphOfWorkflow } from '../graph/graph-of-workflow.ts';
import { GraphView } from '../graph/graph-view.tsx';
import { Ago, Broken, Card, Command, Empty, Skeleton, useNow } from '../parts/bits.tsx';
import { commandLine, usePlace } from '../place.ts';
import { readDefinition } from '../run/run-data.ts';
import { useAsked } from '../use-asked.ts';
import { StartForm } from '../workflows/start-form.tsx';

/** A definition that runs followed; the newest of these runs leads to it. */
interface Version {
  readonly definition_id: string;
  readonly newest: RunView;
  readonly runs: number;
}

const MOST_PAGES = 10;

async function readWorkflows(): Promise<Map<string, Version[]>> {
  const pages = await askAll<RunList>('/api/runs?limit=100', MOST_PAGES);
  const byWorkflow = Map.groupBy(
    pages.flatMap(({ runs }) => runs),
    ({ workflow_id }): string => workflow_id,
  );
  return new Map([...byWorkflow].map(([id, runs]) => [id, versionsOf(runs)]));
}

function versionsOf(runs: readonly RunView[]): Version[] {
  const byDefinition = Map.groupBy(runs, ({ definition_id }): string => definition_id);
  return [...byDefinition].flatMap(([definition_id, [newest, ...others]]) =>
    newest ? [{ definition_id, newest, runs: others.length + 1 }] : [],
  );
}

/** Workflows that were run: their versions, the planned segments, and a form that starts one. */
export function WorkflowsPage({ address }: { readonly address: URL }): JSX.Element {
  const place = usePlace();
  const { value, error, slow, again } = useAsked('workflows', readWorkflows);
  const id = address.searchParams.get('id') ?? value?.keys().next().value ?? null;
  const versions = (id === null ? undefined : value?.get(id)) ?? [];
  const version =
    versions.find(({ definition_id }) => definition_id === address.searchParams.get('version')) ??
    versions[0];
  useEffect(() => {
    document.title = 'Workflows · Statebag';
  }, []);
  if (error)
    return (
      <div class="card">
        <Broken what="The workflows could not be read" error={error} again={again} />
      </div>
    );
  if (!value) return <div class="card">{slow && <Skeleton />}</div>;
  if (value.size === 0)
    return (
      <div class="card">
        <Empty title="No workflow was run yet">
          <Command
            text={commandLine(place, [
              'run',
              'examples/agent-loop/workflow.json',
              '--input',
              'examples/agent-loop/input.json',
            ])}
          />
        </Empty>
      </div>
    );
  return (
    <>
      <h1 class="sr">Workflows</h1>
      <div class="flow">
        <List address={address} workflows={value} id={id} version={version} />
        {version ? (
          <VersionShown key={version.definition_id} version={version} />
        ) : (
          <Card title="Workflow">
            <Empty title={`No run of ${id ?? 'it'} is known`} />
          </Card>
        )}
      </div>
    </>
  );
}

function List({
  address,
  workflows,
  id,
  version,
}: {
  readonly address: URL;
  readonly workflows: ReadonlyMap<string, readonly Version[]>;
  readonly id: string | null;
  readonly version: Version | undefined;
}): JSX.Element {
  const now = useNow();
  return (
    <Card title="Workflows" note="of the newest 1,000 runs">
      {[...workflows].map(([name, versions]) => (
        <Fragment key={name}>
          <a
            class="q"
            href={withQuery(address, { id: name, version: null })}
            aria-current={name === id ? 'true' : undefined}
          >
            <p>{name}</p>
            <span class="m">
              <span>
                {plural(
                  versions.reduce((sum, { runs }) => sum + runs, 0),
                  'run',
                )}
              </span>
              <span>{plural(versions.length, 'version')}</span>
            </span>
          </a>
          {name === id &&
            versions.length > 1 &&
            versions.map(({ definition_id, newest, runs }) => (
              <a
                key={definition_id}
                class="q"
                href={withQuery(address, { id: name, version: definition_id })}
                aria-current={definition_id === version?.definition_id ? 'true' : undefined}
              >
                <span class="m">
                  <code>{definition_id.slice(0, 12)}</code>
                  <span>{plural(runs, 'run')}</span>
                  <Ago time={newest.started_at} now={now} />
                </span>
              </a>
            ))}
        </Fragment>
      ))}
    </Card>
  );
}

function VersionShown({ version }: { readonly version: Version }): JSX.Element {
  const run = version.newest.execution_id;
  const { value, error, slow, again } = useAsked(`definition ${run}`, () => readDefinition(run));
  if (error)
    return (
      <Card title="Workflow">
        <Broken what="The definition could not be read" error={error} again={again} />
      </Card>
    );
  if (!value) return <Card title="Workflow">{slow && <Skeleton />}</Card>;
  return (
    <>
      <Plan definition={value} />
      <StartForm definition={value} newest={version.newest} />
    </>
  );
}

function Plan({ definition: { workflow, manifest } }: { readonly definition: RunDefinition }): JSX.Element {
  const scope = useMemo(() => graphOfWorkflow(workflow), [workflow]);
  const drawn = useMemo(
    () => new Map(everyNode(scope).map(({ node }) => [node.id, { standing: 'plain' as const, figure: '' }])),
    [scope],
  );
  const bands = manifest.segments.map(({ segment_id, nodes }) => ({ name: segment_id, nodes }));
  return (
    <div class="stack">
      <GraphView
        title={`${manifest.name} ${manifest.version}`}
        scope={scope}
        drawn={drawn}
        bands={bands}
        selected={null}
        onSelect={() => {}}
      />
      <Card
        title="Planned segments"
        note={`${countText(manifest.total_segments)}; a bag takes at most ${bytesText(BUDGET.bag)}`}
      >
        <table>
          <thead>
            <tr>
              <th>Segment</th>
              <th>Kind</th>
              <th>Nodes</th>
              <th>Leads to</th>
            </tr>
          </thead>
          <tbody>
            {manifest.segments.map(({ segment_id, segment_type, nodes, next }) => (
              <tr key={segment_id}>
                <td class="mono">{segment_id}</td>
                <td>{segment_type.replace('_', ' ')}</td>
                <td class="wrap">{nodes.join(', ')}</td>
                <td class="wrap">{next.length === 0 ? 'the end' : next.join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Card>
    </div>
  );
}
