const { availableParallelism } = require('node:os');

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  // No test waits for time to pass: one that takes so long hangs, also on a machine that is busy with something else.
  testTimeout: 180_000,
  // One more than two cores: many tests wait for servers, disks and child processes. Jest itself needs hardly any time.
  maxWorkers: Math.max(3, availableParallelism()),
  // Each spec file leaves some memory behind, and collections take long in a large heap: a worker that holds more than this
  // is replaced. 2,800 tests of `spec/lane spec/mill spec/conformance spec/tables` take a fifth less CPU time.
  workerIdleMemoryLimit: '400MB',
  roots: ['<rootDir>/spec', '<rootDir>/examples'],
  testMatch: ['**/*.spec.ts'],
  // The packed tarball has a run of its own (jest.package.config.js): it installs tools from the registry.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/spec/package/'],
  modulePathIgnorePatterns: ['<rootDir>/spec/package/fixtures/'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: {
    '^watermill$': '<rootDir>/lib/index.ts',
    '^watermill/batches$': '<rootDir>/lib/batches/index.ts',
    '^watermill/flow$': '<rootDir>/lib/flow/index.ts',
    '^watermill/conformance$': '<rootDir>/lib/conformance/index.ts',
    '^watermill/kafka$': '<rootDir>/lib/brokers/kafka/index.ts',
    '^watermill/redis$': '<rootDir>/lib/brokers/redis/index.ts',
    '^watermill/metrics$': '<rootDir>/lib/metrics/index.ts',
    '^watermill/testing$': '<rootDir>/lib/testing/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  // In Jest's sandbox each use of a global is slow. No test replaces these; `npx jest spec/lane/oracle` takes a third less CPU.
  sandboxInjectedGlobals: ['Math', 'Number', 'Object', 'Array', 'Map', 'Set', 'JSON', 'Symbol'],
  setupFiles: ['reflect-metadata', '<rootDir>/spec/support/unsynced-files.cjs'],
  // Starts a Kafka broker and a Redis server once, where the specs that run need one, and stops them also when they fail.
  globalSetup: '<rootDir>/scripts/before-jest.mjs',
  globalTeardown: '<rootDir>/scripts/after-jest.mjs',
};
