import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { About } from '../wire.ts';

/** Where the page looks. */
export const Place = createContext<About>({
  place: '',
  read_only: true,
  owner: '',
  held: true,
  command_options: [],
});

export function usePlace(): About {
  return useContext(Place);
}

const PLAIN = /^[\w./:@%+=,-]+$/;

/** Commands that work on a stage, too. */
const OF_STAGES: ReadonlySet<string> = new Set(['replay']);

/**
 * A command line that means the place the page shows. Most commands work on this machine; of a stage the same
 * is asked of its API, whose address and token stand in the environment.
 */
export function commandLine(place: About, words: readonly string[]): string {
  return place.read_only && !OF_STAGES.has(words[0] ?? '')
    ? requestLine(words)
    : ['bin/statebag', ...words, ...place.command_options].map(quoted).join(' ');
}

function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Options of commands, as members of a body. */
const MEMBERS: Readonly<Record<string, string>> = {
  '--choice': 'choice',
  '--comment': 'comment',
  '--node': 'node_id',
  '--approval': 'approval_id',
};

function requestLine([verb = '', run = '', ...options]: readonly string[]): string {
  const call = (path: string) =>
    `curl -H "authorization: Bearer $STATEBAG_TOKEN" "$STATEBAG_API/runs${path}"`;
  if (verb === 'run') return `${call('')} -d @start.json`;
  if (verb === 'show') return call(`/${run}/state`);
  if (verb === 'fork') return `${call(`/${run}/fork`)} -d @fork.json`;
  const members = options.flatMap((option, index) => {
    const member = MEMBERS[option];
    return member === undefined ? [] : [[member, options[index + 1] ?? '']];
  });
  return `${call(`/${run}/${verb}`)} -d ${quoted(JSON.stringify(Object.fromEntries(members)))}`;
}
