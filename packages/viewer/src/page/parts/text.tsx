import type { JSX } from 'preact';

/** Control and direction marks, and halves of surrogate pairs: what a text could hide behind. */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be shown
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffd]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const LONGEST = 4_096;

/**
 * A text of anybody, as text: marks that are not seen are drawn as boxes, and a long one says that it is
 * cut.
 */
export function Text({
  text,
  most = LONGEST,
}: {
  readonly text: string;
  readonly most?: number;
}): JSX.Element {
  const shown = text.length > most ? text.slice(0, most) : text;
  return (
    <>
      {partsOf(shown)}
      {shown.length < text.length && (
        <span class="cut"> … cut here: {text.length.toLocaleString('en')} characters in all</span>
      )}
    </>
  );
}

function partsOf(text: string): (string | JSX.Element)[] {
  const parts: (string | JSX.Element)[] = [];
  let from = 0;
  for (const found of text.matchAll(HIDDEN)) {
    parts.push(text.slice(from, found.index), <span class="ctl">{codePoint(found[0])}</span>);
    from = found.index + found[0].length;
  }
  return [...parts, text.slice(from)];
}

function codePoint(mark: string): string {
  return `U+${mark.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}
