/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/spec', '<rootDir>/examples'],
  testMatch: ['**/*.spec.ts'],
  // The packed tarball has a run of its own (jest.package.config.js): it installs tools from the registry.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/spec/package/'],
  modulePathIgnorePatterns: ['<rootDir>/spec/package/fixtures/'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: {
    '^watermill$': '<rootDir>/lib/index.ts',
    '^watermill/conformance$': '<rootDir>/lib/conformance/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  setupFiles: ['reflect-metadata'],
};
