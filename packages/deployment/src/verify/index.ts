export { look, lookAtAll } from './check.ts';
export { definitionChecks } from './definitions.ts';
export { endToEndChecks } from './end-to-end.ts';
export { functionChecks } from './functions.ts';
export { placeChecks } from './places.ts';
export { closeTarget, openTarget } from './target.ts';
