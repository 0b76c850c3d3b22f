/** All tests of the pure core as one file: a mutant then costs one file to load. Run by Stryker only. */
import '../src/core/branch-record.test.ts';
import '../src/core/canonical-json.test.ts';
import '../src/core/join-branches.test.ts';
import '../src/core/legacy/legacy.test.ts';
import '../src/core/map-results.test.ts';
import '../src/core/merge-state.test.ts';
import '../src/core/next-action.test.ts';
import '../src/core/plan-history.test.ts';
import '../src/core/plan-result.test.ts';
import '../src/core/plan-state.test.ts';
import '../src/core/reduce.test.ts';
import '../src/core/result-order.test.ts';
import '../src/core/seal.test.ts';
import '../src/store/state-hydrator.test.ts';
import '../src/universal-sync-core.test.ts';
