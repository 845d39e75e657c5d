export { brokerConformance, type ConformanceCheck } from './conformance.js';
export { ConformanceOther, ConformanceReading, ConformanceResult } from './conformance-classes.js';
export type { ConformanceHarness, ConformanceStream, ConformanceSubject } from './conformance-harness.js';
