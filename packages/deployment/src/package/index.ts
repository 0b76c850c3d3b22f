export { overlay } from './overlay.ts';
export { type Packaged, packageServices } from './package-service.ts';
export { releaseOptions, writeRelease } from './release.ts';
export type { Template } from './template.ts';
