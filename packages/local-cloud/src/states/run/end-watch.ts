import type { ExecutionRecord } from './execution-record.ts';

/** Callers who wait for executions to end. */
export class EndWatch {
  readonly #waiting = new Map<number, ((record: ExecutionRecord) => void)[]>();

  whenEnded(id: number): Promise<ExecutionRecord> {
    return new Promise((resolve) => this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), resolve]));
  }

  tell(record: ExecutionRecord): void {
    for (const resolve of this.#waiting.get(record.id) ?? []) resolve(record);
    this.#waiting.delete(record.id);
  }
}
