import type { CompiledNode, Flow } from '@statebag/workflow';
import type { ParseText } from '@statebag/workflow/analysis';
import type { Scope } from '../expression/scope.ts';
import type { Shape } from '../shape/shape.ts';
import type { DeclaredAnswers } from './answer-shapes.ts';
import { type Fields, viewOf } from './fields.ts';

/** What a run may have at one node, whichever way and turn it comes there. */
export interface Sight {
  readonly node: CompiledNode;
  readonly before: Fields;
  readonly after: Fields;
  /** What a list goes through. */
  readonly items?: Shape;
  /** What a model, a service or a person is asked. */
  readonly asked?: Shape;
  /** What comes back: it is recorded, wherever it goes. */
  readonly answer?: Shape;
}

/** What the walk needs besides the flow. */
export interface Surroundings {
  readonly parse: ParseText;
  readonly answers: DeclaredAnswers;
  /** Fields of `state.schema`: what is written there obeys it, as its author says. */
  readonly declared: ReadonlyMap<string, Shape>;
}

export interface Walk extends Surroundings {
  readonly seen: Map<string, Sight>;
  /** Nodes that may still be gone through: loops in loops have no end otherwise. */
  left: number;
}

export interface Place {
  readonly fields: Fields;
  readonly variables: ReadonlyMap<string, Shape>;
  /** The value that was written last. */
  readonly last: Shape;
}

/** What a node makes of the state. */
export interface Turn {
  readonly fields: Fields;
  readonly last: Shape;
  readonly items?: Shape;
  readonly asked?: Shape;
  readonly answer?: Shape;
}

export interface Work {
  readonly node: CompiledNode;
  readonly scope: Scope;
  readonly place: Place;
  readonly walk: Walk;
  /** Goes through what is inside of the node. */
  readonly through: (flow: Flow, begin: Place) => Place;
}

export type Rule = (work: Work) => Turn;

export function scopeOf({ id, use }: CompiledNode, { fields, variables }: Place): Scope {
  const root = viewOf(fields, use?.reads ?? '');
  return { root, here: root, variables, of: `node ${id}` };
}
