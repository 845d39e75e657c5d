export { type MetricsRegistry, registerMetrics } from './register-metrics.js';
export { type TelemetryProviders, telemetry } from './telemetry.js';
