import { UsageError } from '../exit.ts';

const PORT_PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there',
  EACCES: 'only the administrator may listen there',
};

/** Starts what listens on a port that an option gave. @throws UsageError where the port is not to be had */
export async function listening<Listener>(
  option: string,
  port: number,
  start: () => Promise<Listener>,
): Promise<Listener> {
  try {
    return await start();
  } catch (error) {
    const problem = error instanceof Error && 'code' in error ? PORT_PROBLEMS[String(error.code)] : undefined;
    if (problem === undefined) throw error;
    throw new UsageError(`${option} ${port}: ${problem}\n  mend: give another port, or 0 for any free one`);
  }
}

/** @throws UsageError for a text that is no port */
export function portOf(option: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(
    `${option} ${text}: not a port\n  mend: give a number from 0 (any free port) to 65535`,
  );
}

export function oneAbove(port: number): number {
  return port === 0 ? 0 : port + 1;
}
