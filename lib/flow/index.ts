export { type FlowOptions, flow } from './flow.js';
export type { Flow, FlowBatchOptions, StepInfo } from './flow-types.js';
export type { FlowValue, TheValueIsNotOfTheseClasses } from './flow-value.js';
