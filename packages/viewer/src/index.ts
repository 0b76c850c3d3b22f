export { bundleViewer, type ViewerFile } from './bundle-viewer.ts';
export {
  type About,
  type Change,
  type ExecutionDetail,
  type ExecutionPage,
  type ExecutionView,
  KEY_HEADER,
  type MachineView,
  type Refusal,
  type StatePayload,
  versionOfRun,
} from './wire.ts';
