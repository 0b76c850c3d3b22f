export { prefixOf } from '../project/app.ts';
export { currentApp } from './app-of-checkout.ts';
export { bundleApp } from './bundles.ts';
export { type DeployedApp, type DeployOptions, deployApp } from './deploy-app.ts';
export { watchApp } from './watch-app.ts';
