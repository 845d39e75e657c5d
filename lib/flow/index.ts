export { type FlowOptions, flow } from './flow.js';
export { type FlowStage, runStages, type StageMill, stagesOf } from './flow-stages.js';
export type { Flow, KeyedFlow } from './flow-types.js';
export type {
  FlowBatchOptions,
  FlowValue,
  StepInfo,
  TheValueIsNotOfTheseClasses,
  TheValueIsNotOfThisClass,
} from './flow-value.js';
export { type FlowWindow, hopping, session, sliding, tumbling } from './keyed/flow-window.js';
export type { KeyedWindow, OpenAtEnd, WindowResult } from './keyed/keyed-types.js';
