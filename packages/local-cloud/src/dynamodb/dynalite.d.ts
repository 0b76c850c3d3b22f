declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    /** Directory of the database; in memory when missing. */
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }

  /** A server that also works without listening: its 'request' listeners answer. */
  export default function dynalite(options: DynaliteOptions): Server;
}
