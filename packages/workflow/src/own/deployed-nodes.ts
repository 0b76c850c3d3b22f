/** Modules of a project's nodes: packaging puts those of its folder in this place. */
export const DEPLOYED_MODULES: readonly object[] = [];
