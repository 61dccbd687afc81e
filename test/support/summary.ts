import type { Reporter, SerializedError, TestModule } from "vitest/node";

/**
 * Closes a run with the tests that were skipped, by name, and one plain line of counts.
 * With COVE_NO_SKIPS=1 (CI, which installs every program) a skipped test fails the run.
 */
export default class Summary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    // An error outside of any test fails the run too.
    const counts = { passed: 0, failed: errors.length };
    const skipped: string[] = [];
    for (const module of modules) {
      if (module.state() === "failed") counts.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") counts.passed++;
        else if (state === "failed") counts.failed++;
        else skipped.push(`${module.relativeModuleId}: ${test.fullName}`);
      }
    }
    if (skipped.length > 0) {
      console.log(
        `\nSkipped here, each because a program or root is missing:\n${skipped.map((name) => `  ${name}`).join("\n")}`,
      );
      if (process.env.COVE_NO_SKIPS === "1") process.exitCode = 1;
    }
    console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${skipped.length} skipped`);
  }
}
