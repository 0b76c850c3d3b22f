import type { JSX } from 'preact';

/** Icons on a grid of 16; each state has a shape of its own. */
const SHAPES = {
  ok: <path d="M14.2 8A6.2 6.2 0 1 1 8 1.8 6.2 6.2 0 0 1 14.2 8zM5.2 8.2l2 2 3.6-4.2" />,
  run: (
    <>
      <path class="spin" d="M8 1.8A6.2 6.2 0 1 1 1.8 8" />
      <circle class="dot" cx="8" cy="8" r="1.6" />
    </>
  ),
  wait: (
    <path d="M4 2h8M4 14h8M4.8 2c0 3.2 3.2 4 3.2 6s-3.2 2.8-3.2 6M11.2 2c0 3.2-3.2 4-3.2 6s3.2 2.8 3.2 6" />
  ),
  fail: <path d="M5.3 1.8h5.4l3.5 3.5v5.4l-3.5 3.5H5.3l-3.5-3.5V5.3zM5.9 5.9l4.2 4.2M10.1 5.9l-4.2 4.2" />,
  stop: <path d="M14.2 8A6.2 6.2 0 1 1 8 1.8 6.2 6.2 0 0 1 14.2 8zM3.8 12.2l8.4-8.4" />,
  plain: <circle class="dot" cx="8" cy="8" r="2" />,
  pend: <circle class="dashed" cx="8" cy="8" r="6.2" />,
  skip: <path d="M2 8h2.5M6.8 8h2.4M11.5 8H14" />,
  lost: (
    <path d="M6.2 9.8l-2 2a2.4 2.4 0 0 1-3.4-3.4l2.4-2.4a2.4 2.4 0 0 1 2.3-.6M9.8 6.2l2-2a2.4 2.4 0 0 1 3.4 3.4l-2.4 2.4a2.4 2.4 0 0 1-2.3.6M6 2.5V1M3.5 3.5l-1-1M10 13.5V15M12.5 12.5l1 1" />
  ),
  retry: <path d="M13.5 8a5.5 5.5 0 1 1-1.6-3.9M13.8 1.8v3h-3" />,
  copy: (
    <path d="M7 5.5h5A1.5 1.5 0 0 1 13.5 7v5a1.5 1.5 0 0 1-1.5 1.5H7A1.5 1.5 0 0 1 5.5 12V7A1.5 1.5 0 0 1 7 5.5zM10.5 5.5V4A1.5 1.5 0 0 0 9 2.5H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.5h1.5" />
  ),
  find: <path d="M11.5 7A4.5 4.5 0 1 1 7 2.5 4.5 4.5 0 0 1 11.5 7zM10.4 10.4L14 14" />,
  theme: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path class="solid" d="M8 2a6 6 0 0 1 0 12z" />
    </>
  ),
  warn: <path d="M8 2l6.5 11.5h-13zM8 6.5v3M8 11.7v.1" />,
  stored: <path d="M2.5 4c0-2 11-2 11 0l-1.3 8.5c-.3 1.5-8.1 1.5-8.4 0zM2.5 4c0 2 11 2 11 0" />,
  person: (
    <path d="M10.7 5A2.7 2.7 0 1 1 8 2.3 2.7 2.7 0 0 1 10.7 5zM2.8 14c.4-3 2.5-4.6 5.2-4.6s4.8 1.6 5.2 4.6" />
  ),
  start: <path d="M2 8h8M7 5l3 3-3 3M13.5 3v10" />,
  loop: <path d="M4 5.5h7a2.5 2.5 0 0 1 0 5H5M6.5 3L4 5.5 6.5 8" />,
  list: <path d="M2.5 4h11M2.5 8h11M2.5 12h11" />,
} satisfies Record<string, JSX.Element>;

export type IconName = keyof typeof SHAPES;

export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class={`i i-${name}`} viewBox="0 0 16 16" aria-hidden="true">
      {SHAPES[name]}
    </svg>
  );
}

/** The same inside a drawing. */
export function DrawnIcon({
  name,
  x,
  y,
  size = 13,
  tone,
}: {
  readonly name: IconName;
  readonly x: number;
  readonly y: number;
  readonly size?: number;
  readonly tone: string;
}): JSX.Element {
  return (
    <svg class={`gi t-${tone}`} x={x} y={y} width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      {SHAPES[name]}
    </svg>
  );
}
