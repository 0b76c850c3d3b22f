import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { countText } from '../format.ts';

export interface Table {
  readonly caption: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly ComponentChildren[])[];
}

/** Whether a drawing is shown as a table, and the button that says so. */
export function useTable(): { readonly asTable: boolean; readonly button: JSX.Element } {
  const [asTable, setAsTable] = useState(false);
  const button = (
    <button type="button" class="btn sm" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
      Table
    </button>
  );
  return { asTable, button };
}

const STEP = 200;

/** What a drawing shows, for whoever would rather read it. */
export function AsTable({ caption, heads, rows }: Table): JSX.Element {
  const [most, setMost] = useState(STEP);
  return (
    <section class="as-table" tabIndex={0} aria-label={`${caption}, as a table`}>
      <table>
        <caption class="sr">{caption}</caption>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, most).map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > most && (
        <p class="pad">
          <button type="button" class="btn sm" onClick={() => setMost(most + STEP)}>
            Show more
          </button>{' '}
          <span class="dim">
            {countText(most)} of {countText(rows.length)}
          </span>
        </p>
      )}
    </section>
  );
}
