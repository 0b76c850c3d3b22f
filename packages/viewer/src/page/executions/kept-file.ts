import type { HistoryFile } from './history-file.ts';

let kept: HistoryFile | undefined;

/** The history that was opened last; it is in no address, and gone when the page is loaded again. */
export function keptFile(): HistoryFile | undefined {
  return kept;
}

export function keepFile(file: HistoryFile): void {
  kept = file;
}
