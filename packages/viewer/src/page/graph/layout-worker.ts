import { type LayoutAsked, layoutOf } from './layout.ts';

/** Lays graphs out apart from the page, which stays quick meanwhile. */
addEventListener('message', ({ data }: MessageEvent<{ id: number; asked: LayoutAsked }>) => {
  postMessage({ id: data.id, layout: layoutOf(data.asked) });
});
