import { isJsonObject, type Json } from '@statebag/contracts';
import { parseText } from '../expressions/parse-text.ts';
import { type ConfigRules, LIMIT_RULES } from '../nodes/config-rules.ts';
import { definitionOf } from '../nodes/node-table.ts';
import { type ConfigSurroundings, checkConfig } from './check-config.ts';
import type { Path, Report } from './diagnostics.ts';
import { everyNode } from './every-node.ts';
import { NOTHING_BESIDE } from './read-beside.ts';
import type { Scope, WorkflowOptions } from './workflow.ts';

/** What a workflow may set about its own running. */
export const OPTION_RULES = {
  llm_per_segment: {
    kind: 'integer',
    least: 1,
    most: 500,
    doc: 'Nodes with outside calls in one segment at most; without it as many as fit the time.',
  },
  max_loop_iterations: {
    kind: 'integer',
    least: 1,
    most: 1_000_000,
    doc: 'Segment results a run may apply; worked out from the workflow if not given.',
  },
  max_branch_iterations: {
    kind: 'integer',
    least: 1,
    most: 1_000_000,
    doc: 'Segment results a branch may apply.',
  },
  max_concurrency: {
    kind: 'integer',
    least: 1,
    most: 40,
    doc: 'Branches at once; 10 if not given. A deployment may let a run have fewer (`functionsAtOnce`).',
  },
  ...LIMIT_RULES,
  node_limits: {
    kind: 'limits',
    doc: '`max_cost_usd` and `max_tokens` of single `llm_chat` nodes, by their ids: of all their calls in a run together.',
  },
  budget: {
    kind: 'budget',
    doc: '`{ name, max_cost_usd?, max_tokens? }`: what the run may spend together with every other run of the owner whose workflow names the same budget.',
  },
} as const satisfies ConfigRules;

/** Reports what is wrong with the options of a workflow. */
export function checkOptions(options: Json, report: Report, scope: Scope): WorkflowOptions {
  if (!isJsonObject(options)) {
    report.add({ code: 'wrong-shape', at: ['options'], message: '`options` is an object' });
    return {};
  }
  const around = {
    report,
    parse: parseText,
    texts: [],
    readFile: NOTHING_BESIDE,
    checkScope: () => ({ nodes: [], edges: [] }),
  };
  const checked = checkConfig(options, OPTION_RULES, ['options'], around);
  const { node_limits = {} } = checked;
  const limits = isJsonObject(node_limits) ? node_limits : {};
  for (const [node, limit] of Object.entries(limits))
    checkLimit(limit, ['options', 'node_limits', node], around);
  // nodes are only looked for in a document whose bodies and branches are what they should be
  if (report.isSound()) refuseOthers(Object.keys(limits), report, scope);
  return checked as WorkflowOptions; // the rules are those of the type
}

/** A limit for a node that asks no model would hold nothing. */
function refuseOthers(limited: readonly string[], report: Report, scope: Scope): void {
  const asking = new Set(
    everyNode(scope)
      .filter((node) => definitionOf(node).cost === 'model')
      .map(({ id }) => String(id)),
  );
  for (const node of limited)
    if (!asking.has(node))
      report.add({
        code: 'unknown-key',
        at: ['options', 'node_limits', node],
        message: `no node ${JSON.stringify(node)} asks a model`,
        mend: `the nodes that do are ${[...asking].join(', ') || 'none'}`,
      });
}

function checkLimit(limit: Json, at: Path, around: ConfigSurroundings): void {
  if (isJsonObject(limit)) checkConfig(limit, LIMIT_RULES, at, around);
  else around.report.add({ code: 'wrong-shape', at, message: 'a limit is { max_cost_usd?, max_tokens? }' });
}
