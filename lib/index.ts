export { type ErrorCode, errorCodes } from './base/codes.js';
export type { Clock } from './base/clock.js';
export type { Logger } from './base/logger.js';
export type { Class, MessageClass } from './base/class.js';
export { type ErrorDetails, WaterMillError } from './base/watermill-error.js';
