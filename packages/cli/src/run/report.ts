import type { Usage } from '@statebag/contracts/schemas/history';
import { type RunFacts, retriesOf } from '@statebag/runs/history';
import type { StepLine } from '@statebag/step-kit';

/** What a run took. Bytes are UTF-8; money is US dollars. */
export interface Report {
  readonly segments: number;
  readonly transitions: number;
  readonly history_events: number;
  readonly max_transition_bytes: number;
  readonly max_control_plane_bytes: number;
  readonly segment_input_bytes: { readonly max: number; readonly mean: number };
  readonly s3: {
    readonly puts: number;
    readonly gets: number;
    readonly dedupe_hits: number;
    readonly put_bytes: number;
    readonly get_bytes: number;
  };
  readonly lambda_invocations: number;
  readonly retries: number;
  readonly ledger: { readonly hits: number; readonly writes: number };
  readonly llm: {
    readonly calls: number;
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly cost_usd: number;
  };
  readonly duration_ms: number;
}

const NANO = 1e9;

export interface Measured {
  readonly facts: RunFacts;
  readonly lines: readonly StepLine[];
  readonly usage: Usage;
  readonly durationMs: number;
}

/** Puts together what the history, the functions' own lines and the bag say of a run. */
export function reportOf({ facts, lines, usage, durationMs }: Measured): Report {
  const inputs = lines
    .filter(({ action, segment_id }) => action === null && segment_id !== null)
    .map(({ event_bytes, hydrated_bytes }) => event_bytes + hydrated_bytes);
  const sum = (pick: (line: StepLine) => number) => lines.reduce((total, line) => total + pick(line), 0);
  return {
    segments: facts.segments.length,
    transitions: facts.transitions,
    history_events: facts.historyEvents,
    max_transition_bytes: facts.maxTransition.bytes,
    max_control_plane_bytes: Math.max(0, ...lines.map(({ control_plane_bytes }) => control_plane_bytes)),
    segment_input_bytes: {
      max: Math.max(0, ...inputs),
      mean: inputs.length === 0 ? 0 : Math.round(inputs.reduce((a, b) => a + b, 0) / inputs.length),
    },
    s3: {
      puts: sum(({ s3 }) => s3.puts),
      gets: sum(({ s3 }) => s3.gets),
      dedupe_hits: sum(({ s3 }) => s3.dedupe_hits),
      put_bytes: sum(({ s3 }) => s3.put_bytes),
      get_bytes: sum(({ s3 }) => s3.get_bytes),
    },
    lambda_invocations: facts.lambdaInvocations,
    retries: retriesOf(facts),
    ledger: { hits: sum(({ ledger }) => ledger.hits), writes: sum(({ ledger }) => ledger.writes) },
    llm: {
      calls: usage.llm_calls,
      input_tokens: usage.input_tokens,
      output_tokens: usage.output_tokens,
      cost_usd: usage.cost_nano_usd / NANO,
    },
    duration_ms: Math.round(durationMs),
  };
}
