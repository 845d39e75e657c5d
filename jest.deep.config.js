const base = require('./jest.config.js');

/** @type {import('jest').Config} */
module.exports = {
  ...base,
  testTimeout: 24 * 60 * 60 * 1000,
  // Here files are synced.
  setupFiles: ['reflect-metadata'],
};
