import type { RunDefinition } from '@statebag/contracts/schemas/api';
import type { DocumentNode } from '../graph/graph-of-workflow.ts';
import type { RunData } from './run-data.ts';
import type { NodeFact, RunModel } from './run-model.ts';
import type { Transition } from './transitions.ts';

/** What the panel of a node is made of. */
export interface PanelProps {
  readonly address: URL;
  readonly data: RunData;
  readonly model: RunModel;
  readonly definition: RunDefinition;
  readonly transitions: readonly Transition[];
  readonly node: NodeFact;
  readonly now: number;
}

export interface NodeProps extends PanelProps {
  /** The node in the document; undefined for one that the compiler made. */
  readonly written: DocumentNode | undefined;
}
