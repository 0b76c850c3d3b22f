/** How a run or a node stands: shape, word and colour, in this order. */
export type Standing = 'ok' | 'run' | 'wait' | 'fail' | 'lost' | 'stop' | 'pend' | 'skip' | 'plain';

export const WORDS: Readonly<Record<Standing, string>> = {
  ok: 'Succeeded',
  run: 'Running',
  wait: 'Waiting',
  fail: 'Failed',
  lost: 'Unheld',
  stop: 'Cancelled',
  pend: 'Not reached',
  skip: 'Not taken',
  plain: 'Planned',
};

export type Tone = 'ok' | 'run' | 'wait' | 'fail' | 'lost' | 'mute';

/** Colour of a state; what is over, or not begun, has none. */
export const TONES: Readonly<Record<Standing, Tone>> = {
  ok: 'ok',
  run: 'run',
  wait: 'wait',
  fail: 'fail',
  lost: 'lost',
  stop: 'mute',
  pend: 'mute',
  skip: 'mute',
  plain: 'mute',
};
