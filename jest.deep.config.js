const base = require('./jest.config.js');

// spec/support/cases.ts reads it: every random test then runs its deep number of cases.
process.env.WATERMILL_DEEP = '1';

/** @type {import('jest').Config} */
module.exports = { ...base, testTimeout: 24 * 60 * 60 * 1000 };
