/** Where runs are kept if nobody says otherwise. */
export const DEFAULT_DATA_DIR = '.statebag';

/**
 * A command of this program, to be pasted into a shell as it is: named as the caller called it, each word
 * quoted where the shell would take it apart, and with the data directory where it is not the usual one.
 */
export function commandLine(words: readonly string[], dataDir: string = DEFAULT_DATA_DIR): string {
  const place = dataDir === DEFAULT_DATA_DIR ? [] : ['--data-dir', dataDir];
  return [calledAs(), ...words, ...place].map(quoted).join(' ');
}

/** `bin/statebag` says how it was called; whoever starts the program in another way has it on the PATH. */
function calledAs(): string {
  return process.env['STATEBAG_COMMAND'] ?? 'statebag';
}

const PLAIN = /^[\w./:@%+=,-]+$/;

function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
