// Adds up jest's JSON reports: node scripts/count-tests.mjs <report>…
import { existsSync, readFileSync } from 'node:fs';

const total = { passed: 0, failed: 0 };
const missing = [];

for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    missing.push(file);
    continue;
  }
  const report = JSON.parse(readFileSync(file, 'utf8'));
  total.passed += report.numPassedTests;
  // A suite that could not even be loaded has no tests to count, and is one failure.
  total.failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
}

for (const file of missing) console.log(`no report: ${file}`);
console.log(`tests: ${total.passed} passed, ${total.failed + missing.length} failed`);
process.exit(total.failed + missing.length === 0 && total.passed > 0 ? 0 : 1);
