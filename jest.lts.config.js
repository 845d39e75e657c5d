// The same tests on another Node, with a quarter of the cases of those that try many: see spec/support/cases.ts.
process.env.WATERMILL_SHARE ??= '0.25';

module.exports = require('./jest.config.js');
