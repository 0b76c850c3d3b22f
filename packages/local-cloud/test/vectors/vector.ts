import { readFileSync } from 'node:fs';

/** What a function of a vector does. */
export type FunctionBehaviour =
  | { readonly kind: 'echo'; readonly name: string; readonly arn: string }
  | { readonly kind: 'const'; readonly name: string; readonly arn: string; readonly value: unknown }
  | {
      readonly kind: 'raise';
      readonly name: string;
      readonly arn: string;
      readonly errorType: string;
      readonly errorMessage: string;
    }
  | {
      readonly kind: 'repeat';
      readonly name: string;
      readonly arn: string;
      readonly char: string;
      readonly count: number;
    }
  | { readonly kind: 'sleep-echo'; readonly name: string; readonly arn: string; readonly seconds: number }
  | { readonly kind: 'many'; readonly functions: readonly FunctionBehaviour[] };

/** How AWS ended an execution. */
export interface Expectation {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT';
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
  readonly cause_json?: unknown;
}

/** Who answers tokens and polls activities. */
export interface Callback {
  readonly answer: string;
  readonly note?: string;
  readonly output?: string;
  readonly error?: string | null;
  readonly cause?: string | null;
  readonly heartbeats?: number;
  readonly delay_seconds?: number;
  /** The machine that polled the activity when the vector was recorded. */
  readonly worker?: {
    readonly States: Readonly<
      Record<string, { readonly Resource?: string; readonly Parameters?: Readonly<Record<string, string>> }>
    >;
  };
}

/** One recorded answer of the service; the format is described beside the recorded files. */
export interface Vector {
  readonly id: string;
  readonly category: string;
  readonly definition: { readonly [key: string]: unknown };
  readonly input: unknown;
  readonly type?: 'STANDARD' | 'EXPRESS';
  readonly lambda: FunctionBehaviour | null;
  readonly resources?: readonly string[];
  readonly callback?: Callback | null;
  readonly s3?: readonly { readonly bucket: string; readonly key: string; readonly body: string }[] | null;
  readonly machines?: Readonly<Record<string, unknown>> | null;
  readonly expect: Expectation;
  readonly events: readonly string[] | null;
  readonly events_order?: 'exact' | 'concurrent' | 'sorted';
  readonly ignore?: readonly string[];
  readonly ignore_cause?: readonly string[];
}

/** The vectors of a file, one a line. */
export function readVectors(file: string): Vector[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  // parse boundary: the format of the recorded files
  return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as Vector);
}
