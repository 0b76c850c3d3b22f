import { isJsonObject, type Json } from '@statebag/contracts';
import type { NodeId } from '@statebag/contracts/ids';
import type { Path, Report } from './diagnostics.ts';
import type { WorkflowEdge } from './workflow.ts';

const EDGE_KEYS = ['from', 'to', 'type'];

/** One edge, or none where it has not the shape of one. */
export function checkEdge(value: Json, at: Path, report: Report): WorkflowEdge[] {
  if (isJsonObject(value) && typeof value['from'] === 'string' && typeof value['to'] === 'string') {
    for (const key of Object.keys(value)) {
      if (!EDGE_KEYS.includes(key))
        report.add({
          code: 'unknown-key',
          at: [...at, key],
          message: `\`${key}\` is not a key of an edge`,
          mend: 'conditions belong into a `conditional` node',
        });
    }
    if ('type' in value && value['type'] !== 'hitp')
      report.add({ code: 'wrong-shape', at: [...at, 'type'], message: 'the one type of an edge is "hitp"' });
    // whether nodes have these ids is checked with the graph
    return [
      {
        from: value['from'] as NodeId,
        to: value['to'] as NodeId,
        ...(value['type'] === 'hitp' && { type: 'hitp' }),
      },
    ];
  }
  report.add({ code: 'wrong-shape', at, message: 'an edge is { "from": "<node id>", "to": "<node id>" }' });
  return [];
}
