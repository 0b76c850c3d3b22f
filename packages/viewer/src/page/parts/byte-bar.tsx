import { BUDGET } from '@statebag/contracts/limits';
import type { JSX } from 'preact';
import { bytesText, percentText } from '../format.ts';
import { Icon } from './icon.tsx';

/** Bytes beside the budget of a bag; near it the bar has another colour and a sign. */
export function ByteBar({ bytes }: { readonly bytes: number }): JSX.Element {
  const share = Math.min(1, bytes / BUDGET.bag);
  const near = bytes > BUDGET.bag * BUDGET.warningShare;
  return (
    <span
      class={`mini${near ? ' near' : ''}`}
      title={`${percentText(bytes / BUDGET.bag)} of the budget of ${bytesText(BUDGET.bag)}`}
    >
      <svg viewBox="0 0 44 6" aria-hidden="true">
        <rect class="all" width="44" height="6" rx="1" />
        <rect class="used" width={Math.max(1.5, share * 44)} height="6" rx="1" />
      </svg>
      {bytesText(bytes)}
      {near && <Icon name="warn" />}
    </span>
  );
}
