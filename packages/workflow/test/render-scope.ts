import type { JsonObject } from '@statebag/contracts';

/** A step as it was drawn; nodes and edges are made of it. */
export type Drawn =
  | { readonly kind: 'transform'; readonly to: string; readonly expression: string }
  | {
      readonly kind: 'llm';
      readonly to: string;
      readonly about: string;
      readonly asJson: boolean;
      readonly apart: boolean;
      /** Seconds before it is asked again where the model was not there; null where it is asked once. */
      readonly again: number | null;
    }
  | { readonly kind: 'operator'; readonly to: string; readonly and: string; readonly expression: string }
  | {
      readonly kind: 'conditional';
      readonly on: string;
      readonly least: number;
      readonly taken: readonly Drawn[];
      readonly otherwise: readonly Drawn[];
    }
  | {
      readonly kind: 'for_each';
      readonly to: string;
      readonly count: number;
      readonly width: number;
      readonly shared: boolean;
      readonly body: readonly Drawn[];
    }
  /** Another document as a subgraph; it gets `a` and gives `b` and how long `log` is. */
  | {
      readonly kind: 'use';
      readonly to: string;
      readonly about: string;
      readonly initial: JsonObject;
      readonly body: readonly Drawn[];
    }
  | { readonly kind: 'group'; readonly branches: readonly (readonly Drawn[])[] }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'approval'; readonly to: string; readonly about: string }
  | {
      readonly kind: 'loop';
      readonly on: string;
      readonly times: number;
      /** The limit is reached one iteration before the condition holds, and that is good. */
      readonly cutShort: boolean;
      readonly body: readonly Drawn[];
    };

type Edge = { readonly from: string; readonly to: string };
type Rendered = {
  readonly nodes: readonly JsonObject[];
  readonly edges: readonly Edge[];
  readonly first: string;
  readonly ends: readonly string[];
};

/** Nodes and edges of a row of steps; every node gets an id of its own in the whole document. */
export function renderScope(steps: readonly Drawn[]): {
  readonly nodes: readonly JsonObject[];
  readonly edges: readonly Edge[];
  /** Documents that are used, by the names of their files. */
  readonly files: Readonly<Record<string, string>>;
} {
  let count = 0;
  const files: Record<string, string> = {};
  const newId = (prefix: string) => `${prefix}-${++count}`;
  const newFile = (document: JsonObject) => {
    const name = `${newId('file')}.json`;
    files[name] = JSON.stringify(document);
    return name;
  };
  const { nodes, edges } = renderSteps(steps, Object.assign(newId, { newFile }));
  return { nodes, edges, files };
}

interface NewId {
  (prefix: string): string;
  /** Keeps a document and gives the name of its file. */
  readonly newFile: (document: JsonObject) => string;
}

function renderSteps(steps: readonly Drawn[], newId: NewId): Rendered {
  const rendered = steps.map((step) => renderStep(step, newId));
  const joins = rendered
    .slice(1)
    .flatMap(({ first }, index) => (rendered[index]?.ends ?? []).map((from) => ({ from, to: first })));
  return {
    nodes: rendered.flatMap(({ nodes }) => nodes),
    edges: [...rendered.flatMap(({ edges }) => edges), ...joins],
    first: rendered[0]?.first ?? '',
    ends: rendered.at(-1)?.ends ?? [],
  };
}

function renderStep(step: Drawn, newId: NewId): Rendered {
  if (step.kind === 'conditional') return renderConditional(step, newId);
  const node = renderNode(step, newId);
  return { nodes: [node], edges: [], first: String(node['id']), ends: [String(node['id'])] };
}

function renderConditional(
  { on, least, taken, otherwise }: Extract<Drawn, { kind: 'conditional' }>,
  newId: NewId,
): Rendered {
  const id = newId('if');
  const [yes, no] = [renderSteps(taken, newId), renderSteps(otherwise, newId)];
  const config = {
    cases: [{ when: `{% $length($string(${on})) > ${least} %}`, to: yes.first }],
    default: no.first,
  };
  return {
    nodes: [{ id, type: 'conditional', config }, ...yes.nodes, ...no.nodes],
    edges: [...yes.edges, ...no.edges],
    first: id,
    ends: [...yes.ends, ...no.ends],
  };
}

function renderNode(step: Exclude<Drawn, { kind: 'conditional' }>, newId: NewId): JsonObject {
  switch (step.kind) {
    case 'transform':
      return {
        id: newId('transform'),
        type: 'data_transform',
        output_key: step.to,
        config: { transform: `{% ${step.expression} %}` },
      };
    case 'llm':
      return {
        id: newId('ask'),
        type: 'llm_chat',
        output_key: step.to,
        config: {
          prompt: `What of {{ $substring($string(${step.about}), 0, 80) }}?`,
          ...(step.asJson && { response_schema: SCHEMA }),
          ...(step.apart && { async: true }),
          ...(step.again !== null && !step.apart && { retry: { attempts: 3, interval_s: step.again } }),
        },
      };
    case 'operator':
      return {
        id: newId('set'),
        type: 'operator',
        config: {
          set: {
            [step.to]: `{% ${step.expression} %}`,
            [step.and]: `from {{ $length($string(${step.and})) }}`,
          },
        },
      };
    case 'for_each':
      return {
        id: newId('each'),
        type: 'for_each',
        output_key: step.to,
        config: {
          items: `{% [1..${step.count}] %}`,
          max_concurrency: step.width,
          body: body(step.body, newId),
          ...(step.shared && { distributed: 'batched', batch_size: 2 }),
        },
      };
    case 'loop':
      return {
        id: newId('loop'),
        type: 'loop',
        config: {
          body: body(step.body, newId),
          until: `{% $index >= ${step.times - 1} or $length($string(${step.on})) > 50 %}`,
          max_iterations: step.cutShort ? Math.max(1, step.times - 1) : step.times + 1,
          ...(step.cutShort && { at_limit: 'keep' }),
        },
      };
    case 'group':
      return {
        id: newId('group'),
        type: 'parallel_group',
        config: { branches: step.branches.map((branch) => body(branch, newId)) },
      };
    case 'use':
      return {
        id: newId('use'),
        type: 'subgraph',
        config: {
          body: { file: newId.newFile(usedDocument(step, newId)) },
          input: { a: `{% $substring($string(${step.about}), 0, 60) %}` },
          output: { [step.to]: '{% [$substring($string(b), 0, 60), $count(log)] %}' },
        },
      };
    case 'wait':
      return { id: newId('wait'), type: 'wait', config: { seconds: step.seconds } };
    case 'approval':
      return {
        id: newId('approve'),
        type: 'human_approval',
        output_key: step.to,
        config: { message: `May {{ $substring($string(${step.about}), 0, 20) }} pass?` },
      };
    default:
      return step satisfies never;
  }
}

function usedDocument({ initial, body: steps }: Extract<Drawn, { kind: 'use' }>, newId: NewId): JsonObject {
  return {
    name: 'used',
    initial_state: initial,
    state: { reducers: { log: 'append' } },
    ...body(steps, newId),
  };
}

function body(steps: readonly Drawn[], newId: NewId): JsonObject {
  const { nodes, edges } = renderSteps(steps, newId);
  return { nodes, edges };
}

const SCHEMA = {
  type: 'object',
  properties: {
    verdict: { enum: ['yes', 'no'] },
    why: { type: 'string' },
    points: { type: 'integer', minimum: 1, maximum: 5 },
  },
  required: ['verdict', 'why', 'points'],
};
