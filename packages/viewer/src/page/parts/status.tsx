import type { JSX } from 'preact';
import { Icon } from './icon.tsx';
import { type Standing, TONES, WORDS } from './standing.ts';

export function Status({
  standing,
  word = WORDS[standing],
  pill = false,
}: {
  readonly standing: Standing;
  readonly word?: string | undefined;
  readonly pill?: boolean;
}): JSX.Element {
  return (
    <span class={`st ${TONES[standing]}${pill ? ' pill' : ''}`}>
      <Icon name={standing} />
      {word}
    </span>
  );
}
