import type { NodeId } from '@statebag/contracts/ids';
import { canonicalJson } from '@statebag/state-core';
import { type CompiledNode, type CompiledWorkflow, waysFrom } from '@statebag/workflow';
import type { DefinitionChange } from './compare-definitions.ts';

/** What becomes of a node of the edited workflow in a fork. */
export type Fate =
  /** It changed, or is new: it runs, and its calls are made. */
  | 'repeats'
  /** What it is given, or whether it runs, hangs on such a node: its calls are made where that is another. */
  | 'depends'
  /** The run did not come to its end: its calls are made where it runs. */
  | 'first'
  /** It gets what it got, so its calls are taken over. */
  | 'taken over';

/** What the edit touches, and how far the run came. */
export interface Touched {
  readonly change: Pick<DefinitionChange, 'added' | 'removed'>;
  /** Fields that are set. */
  readonly fields: readonly string[];
  /** Nodes that came to their end; null of a run that did so itself. */
  readonly finished: ReadonlySet<NodeId> | null;
}

/** What becomes of every node of the edited workflow, by what it reads and writes and what decides about it. */
export function fatesOf(
  before: CompiledWorkflow,
  after: CompiledWorkflow,
  { change, fields, finished }: Touched,
): ReadonlyMap<NodeId, Fate> {
  const [old, edited] = [sitesOf(before), sitesOf(after)];
  const spread = new Spread(edited, fields);
  for (const id of change.removed) spread.fieldsOf(old.get(id));
  for (const id of change.added) spread.node(id, 'repeats');
  for (const [id, is] of edited) {
    const was = old.get(id);
    if (!was) continue;
    if (was.node.version !== is.node.version || was.place !== is.place) spread.node(id, 'repeats');
    if (sameBesidesNext(was, is)) continue;
    spread.fieldsOf(was);
    spread.fieldsOf(is);
  }
  for (const id of movedNodes(old, edited)) spread.behind(id);
  spread.run();
  const fateOf = (id: NodeId): Fate =>
    spread.fates.get(id) ?? (finished === null || finished.has(id) ? 'taken over' : 'first');
  return new Map([...edited.keys()].map((id) => [id, fateOf(id)]));
}

/** A node, where it stands, and what can follow it. */
interface Site {
  readonly node: CompiledNode;
  /** The loops and branches around it: its calls are recorded under them. */
  readonly place: string;
  readonly next: NodeId | undefined;
  readonly ways: readonly NodeId[];
  /** Where the branches that it starts begin. */
  readonly starts: readonly NodeId[];
}

type Sites = ReadonlyMap<NodeId, Site>;

function sitesOf({ segments }: CompiledWorkflow): Sites {
  const all = [...segments.values()];
  const started = all.flatMap(({ branches }) =>
    Object.entries(branches).flatMap(([group, own]) => own.map((branch) => ({ group, branch }))),
  );
  return new Map(
    all.flatMap(({ segment_id, flow, branches }) => {
      const around = started
        .filter(
          ({ branch: { first_segment, last_segment } }) =>
            first_segment <= segment_id && segment_id <= last_segment,
        )
        .map(({ group, branch }) => `${group}/${branch.branch_index}`);
      return Object.values(flow.nodes).map((node): [NodeId, Site] => [
        node.id,
        {
          node,
          place: canonicalJson([around, node.loops ?? []]),
          next: flow.next[node.id],
          ways: waysFrom(flow, node),
          starts: (branches[node.id] ?? []).flatMap(
            ({ first_segment }) => segments.get(first_segment)?.flow.entry ?? [],
          ),
        },
      ]);
    }),
  );
}

function sameBesidesNext(was: Site, is: Site): boolean {
  return canonicalJson(was.node) === canonicalJson(is.node);
}

/** Nodes that are followed by another one now, without one having been put in between or taken away. */
function movedNodes(old: Sites, edited: Sites): NodeId[] {
  return [...edited.keys()].filter((id) => {
    if (!old.has(id)) return false;
    return canonicalJson(waysToKept(id, old, edited)) !== canonicalJson(waysToKept(id, edited, old));
  });
}

/** Where its ways lead to, past nodes that the other definition does not have. */
function waysToKept(id: NodeId, sites: Sites, other: Sites): readonly NodeId[] {
  const ways = sites.get(id)?.ways ?? [];
  return ways.flatMap((way) => (other.has(way) ? [way] : waysToKept(way, sites, other)));
}

/** How an edit reaches nodes: by the fields that they read, and by those that decide whether they run. */
class Spread {
  readonly fates = new Map<NodeId, Fate>();
  readonly #sites: Sites;
  readonly #fields: Set<string>;

  constructor(sites: Sites, fields: readonly string[]) {
    this.#sites = sites;
    this.#fields = new Set(fields);
  }

  node(id: NodeId, fate: Fate): void {
    if (this.fates.has(id)) return;
    this.fates.set(id, fate);
    const site = this.#sites.get(id);
    this.fieldsOf(site);
    if (!site) return;
    if (site.node.begins_again_at !== undefined) this.#turnsOf(id);
    if (site.ways.length > 1) for (const decided of this.#decidedBy(site)) this.node(decided, 'depends');
  }

  fieldsOf(site: Site | undefined): void {
    for (const field of site?.node.writes ?? []) this.#fields.add(field);
  }

  behind(id: NodeId): void {
    for (const each of this.#reachedFrom([id])) if (each !== id) this.node(each, 'depends');
  }

  /** Until nothing more is reached. */
  run(): void {
    for (let before = -1; before < this.fates.size; ) {
      before = this.fates.size;
      for (const { node } of this.#sites.values()) if (this.#reads(node)) this.node(node.id, 'depends');
    }
  }

  #reads({ reads }: CompiledNode): boolean {
    return reads === null ? this.#fields.size > 0 : reads.some((field) => this.#fields.has(field));
  }

  #turnsOf(loop: NodeId): void {
    for (const { node } of this.#sites.values())
      if (node.loops?.includes(loop)) this.node(node.id, 'depends');
  }

  /** What some of its ways come to, and others do not. */
  #decidedBy({ ways }: Site): readonly NodeId[] {
    const reached = ways.map((way) => this.#reachedFrom([way]));
    return [...new Set(reached.flatMap((each) => [...each]))].filter(
      (id) => !reached.every((each) => each.has(id)),
    );
  }

  #reachedFrom(ids: readonly NodeId[]): ReadonlySet<NodeId> {
    const reached = new Set<NodeId>();
    const waiting = [...ids];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const site = this.#sites.get(id);
      if (reached.has(id) || !site) continue;
      reached.add(id);
      waiting.push(...site.ways, ...site.starts);
    }
    return reached;
  }
}
